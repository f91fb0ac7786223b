import { newSecret } from "../../bench/market/accounts.ts";
import type { BenchRedis } from "../../bench/measure/redis.ts";
import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { temporaryFolder } from "../throw-away-postgres.ts";
import { fillMarket } from "./market.ts";
import { type SystemPostgres, startPostgres } from "./postgres.ts";
import { startBoundedRedis } from "./redis.ts";

/** What the instances of one service share. */
export interface Ground {
	readonly postgres: SystemPostgres;
	readonly redis: BenchRedis;
	/** For the script's own questions. */
	readonly database: DatabaseHandle;
	/** Of every instance. */
	readonly jwtSecret: string;
	/** Which market is in it. */
	readonly market: string;
}

export interface GroundOptions {
	/** The Department's files. @default the market is made up */
	readonly dataFolder?: string | undefined;
	/** @default 256mb, as in compose */
	readonly redisMemory?: string;
	readonly progress?: (line: string) => void;
}

/** Starts PostgreSQL with a market in it, and Redis; they end with the scope. */
export async function prepareGround(scope: Scope, options: GroundOptions = {}): Promise<Ground> {
	const postgres = await scope.race(startPostgres(scope, await temporaryFolder(scope)));
	await scope.race(migrateDatabase(postgres.url));
	const database = openDatabase({ url: postgres.url, max: 4, statementTimeoutMs: 0 });
	scope.defer(() => database.close());
	const market = await scope.race(fillMarket(database, options.dataFolder, options.progress));
	const redis = await scope.race(startBoundedRedis(scope, options.redisMemory ?? "256mb"));
	return { postgres, redis, database, jwtSecret: newSecret(), market };
}
