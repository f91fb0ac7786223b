import { authConfig, signUp } from "../../bench/market/accounts.ts";
import type { BenchRedis } from "../../bench/measure/redis.ts";
import { insertUser } from "../../db/queries/identity.ts";
import { bunPasswords } from "../../src/cli/bun-passwords.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { prepareGround } from "../system/ground.ts";
import { type Instance, startInstance } from "../system/instance.ts";

/** Two instances of the service as they are in production, over one PostgreSQL and one Redis. */
export interface System {
	readonly databaseUrl: string;
	readonly redis: BenchRedis;
	/** Where callers find the instances. */
	readonly origins: readonly string[];
	/** Where Prometheus finds their figures, `host:port`. */
	readonly metrics: readonly string[];
	/** Somebody who may ask. */
	readonly token: string;
	readonly credentials: { email: string; password: string };
	/** Changes a few sales, as an import does. */
	changeData(): Promise<unknown>;
}

const INSTANCES = 2;

/** Starts it with the made-up market; it ends with the scope. */
export async function startSystem(scope: Scope): Promise<System> {
	const ground = await prepareGround(scope, { redisMemory: "64mb" });
	const { database, postgres, redis, jwtSecret } = ground;
	const token = await signUp(database.db, authConfig(jwtSecret, postgres.url));
	const credentials = { email: "monitoring@example.com", password: crypto.randomUUID() };
	await insertUser(database.db, {
		email: credentials.email,
		passwordHash: await bunPasswords.hash(credentials.password),
		role: "user",
	});
	const instances: Instance[] = [];
	while (instances.length < INSTANCES)
		instances.push(await startInstance(scope, ground, `instance ${instances.length + 1}`));
	return {
		databaseUrl: postgres.url,
		redis,
		origins: instances.map(({ origin }) => origin),
		metrics: instances.map(({ metrics }) => metrics),
		token,
		credentials,
		changeData: () => database.sql`
			update sales set price = price + 1000 where id in (select id from sales where arms_length limit 5)`,
	};
}
