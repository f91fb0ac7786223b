import { startRedis } from "../measure/redis.ts";
import type { RunningServer } from "../measure/server.ts";
import type { Bench } from "../scenario.ts";
import type { MarketDatabase } from "./database.ts";
import type { BenchDatabase } from "./postgres.ts";
import { startApi } from "./server.ts";

/** The product's server with a database of its own, so that its queries can be counted apart. */
export interface Side extends RunningServer {
	/** Its database, which nobody else uses. */
	readonly database: BenchDatabase;
}

/** @param options.cached with an empty Redis of its own and memory in front of it; else it keeps nothing */
export async function startSide(
	{ scope }: Bench,
	market: MarketDatabase,
	name: string,
	{ cached }: { cached: boolean },
): Promise<Side> {
	const database = await market.copy();
	const redis = cached ? await startRedis(scope) : undefined;
	const server = await startApi(scope, name, {
		databaseUrl: database.url,
		jwtSecret: market.jwtSecret,
		...(redis && { redisPort: redis.port }),
	});
	return {
		...server,
		database,
		async stop() {
			await server.stop();
			await redis?.kill();
		},
	};
}
