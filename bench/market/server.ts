import { freePort } from "../../src/cli/dev/ports.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { type RunningServer, startProcess } from "../measure/server.ts";

export interface ApiOptions {
	readonly databaseUrl: string;
	readonly jwtSecret: string;
	/** The Redis of its cache, with memory in front of it, as in production; without one nothing is kept at all. */
	readonly redisPort?: number;
}

/** Starts the product's own server with the settings of production, except that callers may ask as much as they like. */
export async function startApi(scope: Scope, name: string, options: ApiOptions): Promise<RunningServer> {
	const port = await freePort();
	const cache =
		options.redisPort === undefined
			? { REDIS_ENABLED: "false", CACHE_MEMORY_MB: "0" }
			: { REDIS_ENABLED: "true", REDIS_HOST: "127.0.0.1", REDIS_PORT: String(options.redisPort) };
	const server = await startProcess(scope, name, process.execPath, ["--no-env-file", "src/server.ts"], {
		port,
		env: {
			PATH: process.env["PATH"],
			NODE_ENV: "production",
			HOST: "127.0.0.1",
			PORT: String(port),
			DATABASE_URL: options.databaseUrl,
			JWT_SECRET: options.jwtSecret,
			LOG_LEVEL: "warn",
			CACHE_LOG: "errors",
			VALUATION_MISSES_PER_MINUTE: "100000",
			...cache,
		},
	});
	const { ok, status } = await fetch(`http://127.0.0.1:${port}/livez`);
	if (!ok) throw new Error(`The server "${name}" answers /livez with ${status}`);
	return server;
}
