import { z } from "zod";
import { describeRedis, nodeList, type RedisVariables, redisProblems } from "./redis-config.ts";

const flag = z
	.enum(["true", "false", "1", "0", "yes", "no"], { error: "must be true or false" })
	.transform((value) => value === "true" || value === "1" || value === "yes");

const whole = (low: number, high: number) =>
	z
		.string()
		.regex(/^\d+$/, `must be a whole number from ${low} to ${high}`)
		.transform(Number)
		.refine((value) => value >= low && value <= high, `must be a whole number from ${low} to ${high}`);

const isDatabaseUrl = (url: string) => /^postgres(ql)?:\/\/./.test(url) && URL.canParse(url);

const MIN_SECRET_LENGTH = 32;
const secret = (missing: string) =>
	z
		.string({ error: missing })
		.min(MIN_SECRET_LENGTH, `is too short: ${MIN_SECRET_LENGTH} characters or more, from a random source`);
const optionalSecret = secret("must be text").optional();

const redisVariables = {
	REDIS_ENABLED: flag.optional(),
	REDIS_HOST: z.string().default("127.0.0.1"),
	REDIS_PORT: whole(1, 65535).default(6379),
	REDIS_USERNAME: z.string().optional(),
	REDIS_PASSWORD: z.string().optional(),
	REDIS_TLS: flag.default(false),
	REDIS_TLS_CA: z.string().optional(),
	REDIS_SENTINELS: nodeList.optional(),
	REDIS_MASTER_NAME: z.string().optional(),
	REDIS_SENTINEL_USERNAME: z.string().optional(),
	REDIS_SENTINEL_PASSWORD: z.string().optional(),
	REDIS_CLUSTER_NODES: nodeList.optional(),
};

const signingVariables = {
	CACHE_SIGNING_KEY: optionalSecret,
	CACHE_SIGNING_KEY_PREVIOUS: optionalSecret,
};

const variables = z.object({
	NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
	HOST: z.string().default("0.0.0.0"),
	PORT: whole(0, 65535).default(8000),
	LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),

	DATABASE_URL: z
		.string({
			error: "is missing: the address of a PostgreSQL database, postgres://user:password@host:5432/name",
		})
		.regex(/^postgres(ql)?:\/\//, "must begin with postgres:// or postgresql://"),
	DATABASE_DIRECT_URL: z
		.string()
		.regex(/^postgres(ql)?:\/\//, "must begin with postgres:// or postgresql://")
		.optional(),
	DATABASE_POOLER: z.enum(["none", "transaction"]).default("none"),
	DATABASE_REPLICA_URLS: z
		.string()
		.transform((list) => list.split(",").map((url) => url.trim()))
		.refine((urls) => urls.every(isDatabaseUrl), "must be addresses with commas between, each postgres://...")
		.default([]),
	DATABASE_REPLICA_LAG_MS: whole(500, 60_000).default(1_000),
	MIGRATE_ON_START: flag.default(false),
	DATABASE_POOL: whole(1, 200).default(10),
	DATABASE_STATEMENT_TIMEOUT_MS: whole(100, 600_000).default(10_000),

	...redisVariables,

	CACHE_MEMORY_MB: whole(0, 65536).optional(),
	CACHE_STORE_DEADLINE_MS: whole(1, 10_000).default(50),
	CACHE_REFRESHES: whole(1, 1_000).default(2),
	CACHE_LOG: z.enum(["all", "sampled", "errors"]).optional(),
	CACHE_DEBUG: flag.optional(),
	CACHE_WARM_VALUATIONS: whole(0, 100_000).default(3_000),
	...signingVariables,

	JWT_SECRET: secret(`is missing: a random secret of ${MIN_SECRET_LENGTH} characters or more`),
	JWT_ISSUER: z.string().min(1).default("retyn-avm"),
	JWT_AUDIENCE: z.string().min(1).default("retyn-avm-api"),
	JWT_TTL_S: whole(30, 86_400).default(900),
	SESSION_TTL_S: whole(60, 30 * 86_400).default(12 * 3600),
	COOKIE_SECURE: flag.optional(),

	LOGIN_ATTEMPTS_PER_MINUTE: whole(1, 1000).default(5),
	VALUATION_MISSES_PER_MINUTE: whole(1, 100_000).default(120),
	VALUATION_BATCHES_PER_MINUTE: whole(1, 10_000).default(20),
	TRUST_PROXY: flag.default(false),

	METRICS_PORT: whole(1, 65535).optional(),
	METRICS_HOST: z.string().default("127.0.0.1"),
	OTEL_EXPORTER_OTLP_ENDPOINT: z.url("must be an address, http://collector:4318").optional(),
	STOP_DELAY_MS: whole(0, 5_000).default(0),
});

/** The name of every environment variable that the configuration knows. */
export const configVariables: readonly string[] = Object.keys(variables.shape);

const schema = variables
	.superRefine(checkRedis)
	.superRefine((env, context) => {
		if (env.CACHE_SIGNING_KEY_PREVIOUS !== undefined && env.CACHE_SIGNING_KEY === undefined) {
			context.addIssue({
				code: "custom",
				path: ["CACHE_SIGNING_KEY"],
				message: "is missing, while there is a previous one: entries are signed with it",
			});
		}
		if (env.DATABASE_POOLER === "transaction" && env.DATABASE_DIRECT_URL === undefined) {
			context.addIssue({
				code: "custom",
				path: ["DATABASE_DIRECT_URL"],
				message: "is missing: changes are not heard of through a transaction pooler, nor locks held",
			});
		}
		if (env.NODE_ENV !== "production") return;
		for (const name of ["JWT_SECRET", "CACHE_SIGNING_KEY", "CACHE_SIGNING_KEY_PREVIOUS"] as const) {
			const value = env[name];
			if (value === undefined || new Set(value).size >= 12) continue;
			context.addIssue({ code: "custom", path: [name], message: "is too regular to be random" });
		}
		if (env.REDIS_ENABLED && env.REDIS_PASSWORD !== undefined && env.REDIS_PASSWORD.length < 12) {
			context.addIssue({
				code: "custom",
				path: ["REDIS_PASSWORD"],
				message: "is too short: 12 characters or more",
			});
		}
	})
	.transform((env) => ({
		environment: env.NODE_ENV,
		host: env.HOST,
		port: env.PORT,
		logLevel: env.LOG_LEVEL,
		database: {
			url: env.DATABASE_URL,
			/** For what a transaction pooler cannot hand on: LISTEN, and locks that outlast a transaction. */
			directUrl: env.DATABASE_DIRECT_URL ?? env.DATABASE_URL,
			/** Whether `url` leads to a pooler that gives out connections by the transaction. */
			pooled: env.DATABASE_POOLER === "transaction",
			replicaUrls: env.DATABASE_REPLICA_URLS,
			/** Milliseconds of changes that a replica may lack and still be read. */
			replicaLagMs: env.DATABASE_REPLICA_LAG_MS,
			/** Whether a server brings the schema up to date before it answers anybody. */
			migrateOnStart: env.MIGRATE_ON_START,
			pool: env.DATABASE_POOL,
			statementTimeoutMs: env.DATABASE_STATEMENT_TIMEOUT_MS,
		},
		redis: describeRedis(env),
		cache: {
			/** Bytes of answers kept in the process, before Redis or instead of it; 0 for none. */
			memoryBytes: (env.CACHE_MEMORY_MB ?? defaultMemoryMb(env)) * 1024 * 1024,
			deadlineMs: env.CACHE_STORE_DEADLINE_MS,
			/** Refreshes under way at once behind stale answers. */
			maxRefreshes: env.CACHE_REFRESHES,
			log: env.CACHE_LOG ?? (env.NODE_ENV === "production" ? ("sampled" as const) : ("all" as const)),
			debug: env.CACHE_DEBUG ?? env.NODE_ENV === "development",
			/** So many of the valuations asked for most are worked out before anybody asks again. */
			warmValuations: env.CACHE_WARM_VALUATIONS,
			signingKeys: signingKeys(env),
		},
		auth: {
			jwtSecret: env.JWT_SECRET,
			jwtIssuer: env.JWT_ISSUER,
			jwtAudience: env.JWT_AUDIENCE,
			jwtTtlS: env.JWT_TTL_S,
			sessionTtlS: env.SESSION_TTL_S,
			cookieSecure: env.COOKIE_SECURE ?? env.NODE_ENV === "production",
			loginAttemptsPerMinute: env.LOGIN_ATTEMPTS_PER_MINUTE,
		},
		valuation: {
			missesPerMinute: env.VALUATION_MISSES_PER_MINUTE,
			batchesPerMinute: env.VALUATION_BATCHES_PER_MINUTE,
		},
		/** Whether X-Forwarded-For may be believed: only behind a reverse proxy that sets it. */
		trustProxy: env.TRUST_PROXY,
		/** Where Prometheus finds figures: an address of its own, never the public one. Undefined for nowhere. */
		metrics: env.METRICS_PORT === undefined ? undefined : { host: env.METRICS_HOST, port: env.METRICS_PORT },
		/** The collector that traces go to, http://collector:4318 for example. */
		tracesTo: env.OTEL_EXPORTER_OTLP_ENDPOINT,
		/** After a signal to stop: milliseconds in which connections are still accepted, while /readyz says no. */
		stopDelayMs: env.STOP_DELAY_MS,
	}));

export type Config = z.output<typeof schema>;

/** Every wrong variable in one message; values are never repeated, some of them are secrets. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
}

/** @throws {ConfigError} naming each variable that is missing or wrong. */
export function readConfig(env: Record<string, string | undefined>): Config {
	return read(schema, env);
}

/** Where Redis is and how to speak to other instances, for commands that need no more than that. @throws {ConfigError} */
export function readRedisConfig(
	env: Record<string, string | undefined>,
): Config["redis"] & Pick<Config["cache"], "signingKeys"> {
	const known = read(z.object({ ...redisVariables, ...signingVariables }).superRefine(checkRedis), env);
	return { ...describeRedis(known), signingKeys: signingKeys(known) };
}

function read<S extends z.ZodType>(wanted: S, env: Record<string, string | undefined>): z.output<S> {
	// An empty string is how compose files and shells spell "not set".
	const present = Object.fromEntries(
		Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
	);
	const result = wanted.safeParse(present);
	if (result.success) return result.data;
	const lines = result.error.issues.map((issue) => `  ${issue.path.join(".")} ${issue.message}`);
	throw new ConfigError(
		`The configuration is not usable:\n${lines.join("\n")}\nSee .env.example for every variable.`,
	);
}

/** Alone in production, memory has to be asked for: several instances would not hear of each other's purges. */
function defaultMemoryMb(env: { NODE_ENV: string; REDIS_ENABLED?: boolean | undefined }): number {
	return env.REDIS_ENABLED || env.NODE_ENV !== "production" ? 64 : 0;
}

/** The first signs, any is accepted; none where nothing is signed. */
function signingKeys(env: z.output<z.ZodObject<typeof signingVariables>>): string[] {
	return [env.CACHE_SIGNING_KEY, env.CACHE_SIGNING_KEY_PREVIOUS].filter((key) => key !== undefined);
}

function checkRedis(env: RedisVariables, context: z.RefinementCtx): void {
	for (const [name, message] of redisProblems(env)) {
		context.addIssue({ code: "custom", path: [name], message });
	}
}
