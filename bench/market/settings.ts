export interface ProductSettings {
	readonly port: number;
	readonly databaseUrl: string;
	readonly jwtSecret: string;
	/** The Redis of its cache, with memory in front of it, as in production; without one nothing is kept at all. */
	readonly redisPort?: number | undefined;
}

/** The product's own server as in production, except that callers may ask as much as they like and hits are not logged. */
export function productSettings({ port, databaseUrl, jwtSecret, redisPort }: ProductSettings) {
	const cache =
		redisPort === undefined
			? { REDIS_ENABLED: "false", CACHE_MEMORY_MB: "0" }
			: { REDIS_ENABLED: "true", REDIS_HOST: "127.0.0.1", REDIS_PORT: String(redisPort) };
	return {
		PATH: process.env["PATH"],
		NODE_ENV: "production",
		HOST: "127.0.0.1",
		PORT: String(port),
		DATABASE_URL: databaseUrl,
		JWT_SECRET: jwtSecret,
		CACHE_LOG: "errors",
		VALUATION_MISSES_PER_MINUTE: "100000",
		...cache,
	};
}
