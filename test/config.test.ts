import { describe, expect, test } from "bun:test";
import { ConfigError, readConfig, readRedisConfig } from "../src/config.ts";

const SECRET = "Zk3mV9xQ1tR7yB5nW2pL8sD4fG6hJ0aC";
const GOOD = { DATABASE_URL: "postgres://u:p@localhost/db", JWT_SECRET: SECRET };

function refusal(env: Record<string, string | undefined>): string {
	try {
		readConfig(env);
	} catch (error) {
		if (error instanceof ConfigError) return error.message;
		throw error;
	}
	throw new Error("the configuration was accepted");
}

describe("the configuration", () => {
	test("needs a database and a secret, and nothing else", () => {
		const config = readConfig(GOOD);
		expect(config).toMatchObject({ port: 8000, environment: "development", redis: { enabled: false } });
		expect(config.cache.memoryBytes).toBeGreaterThan(0);
	});

	test("names every wrong variable in one message", () => {
		const message = refusal({
			PORT: "eighty",
			REDIS_ENABLED: "perhaps",
			DATABASE_URL: "mysql://x",
			LOG_LEVEL: "loud",
		});
		for (const name of ["PORT", "REDIS_ENABLED", "DATABASE_URL", "LOG_LEVEL", "JWT_SECRET"]) {
			expect(message).toContain(`  ${name} `);
		}
	});

	test("never repeats a value, which might be a secret", () => {
		expect(refusal({ ...GOOD, JWT_SECRET: "hunter2", PORT: "s3cr3t" })).not.toMatch(/hunter2|s3cr3t/);
	});

	test("takes an empty variable for one that is not set", () => {
		expect(readConfig({ ...GOOD, PORT: "", REDIS_PASSWORD: "" })).toMatchObject({
			port: 8000,
			redis: { password: undefined },
		});
	});

	test.each([
		["a missing secret", { JWT_SECRET: undefined }, "JWT_SECRET is missing"],
		["a short secret", { JWT_SECRET: "short" }, "JWT_SECRET is too short"],
		["a secret of one letter", { JWT_SECRET: "a".repeat(64) }, "JWT_SECRET is too regular"],
		[
			"a short Redis password",
			{ REDIS_ENABLED: "true", REDIS_PASSWORD: "redis" },
			"REDIS_PASSWORD is too short",
		],
		["a short signing key", { CACHE_SIGNING_KEY: "short" }, "CACHE_SIGNING_KEY is too short"],
		[
			"a signing key of one letter",
			{ CACHE_SIGNING_KEY: "a".repeat(64) },
			"CACHE_SIGNING_KEY is too regular",
		],
		[
			"only the signing key of before",
			{ CACHE_SIGNING_KEY_PREVIOUS: SECRET },
			"CACHE_SIGNING_KEY is missing",
		],
	])("in production refuses %s", (_, change, sentence) => {
		expect(refusal({ ...GOOD, NODE_ENV: "production", ...change })).toContain(sentence);
	});

	test("in production keeps nothing in memory unless asked, logs a sample and sends cookies over TLS only", () => {
		const production = readConfig({ ...GOOD, NODE_ENV: "production" });
		expect(production.cache).toMatchObject({ memoryBytes: 0, log: "sampled" });
		expect(production.auth.cookieSecure).toBe(true);
		const asked = readConfig({ ...GOOD, NODE_ENV: "production", CACHE_MEMORY_MB: "16", CACHE_LOG: "errors" });
		expect(asked.cache).toMatchObject({ memoryBytes: 16 * 1024 * 1024, log: "errors" });
	});

	test.each(["development", "production"])("with Redis keeps 64 MB in memory before it in %s", (mode) => {
		const withRedis = { ...GOOD, NODE_ENV: mode, REDIS_ENABLED: "true" };
		expect(readConfig(withRedis).cache.memoryBytes).toBe(64 * 1024 * 1024);
		expect(readConfig({ ...withRedis, CACHE_MEMORY_MB: "0" }).cache.memoryBytes).toBe(0);
	});

	test("signs with the new key and accepts the one of before", () => {
		const previous = SECRET.toLowerCase();
		expect(readConfig(GOOD).cache.signingKeys).toEqual([]);
		expect(readConfig({ ...GOOD, CACHE_SIGNING_KEY: SECRET }).cache.signingKeys).toEqual([SECRET]);
		const rotating = { ...GOOD, CACHE_SIGNING_KEY: SECRET, CACHE_SIGNING_KEY_PREVIOUS: previous };
		expect(readConfig(rotating).cache.signingKeys).toEqual([SECRET, previous]);
	});

	describe("of Redis", () => {
		const redis = (env: Record<string, string>) =>
			readConfig({ ...GOOD, REDIS_ENABLED: "true", ...env }).redis;

		test("is a server, unless Sentinels or nodes of a cluster are named", () => {
			expect(redis({})).toMatchObject({ host: "127.0.0.1", port: 6379, tls: undefined });
			const sentinels = { REDIS_SENTINELS: "one:26379, [::1]:26380", REDIS_MASTER_NAME: "market" };
			expect(redis(sentinels).sentinel).toMatchObject({
				nodes: [
					{ host: "one", port: 26379 },
					{ host: "::1", port: 26380 },
				],
				primary: "market",
			});
			const cluster = redis({ REDIS_CLUSTER_NODES: "10.0.0.1:7000,10.0.0.2:7000" }).cluster;
			expect(cluster?.map(({ host }) => host)).toEqual(["10.0.0.1", "10.0.0.2"]);
		});

		test("names a user, and who vouches for its servers", () => {
			const tls = { REDIS_TLS: "true", REDIS_TLS_CA: "/etc/ca.pem" };
			const env = { ...tls, REDIS_USERNAME: "retyn", REDIS_PASSWORD: "secret" };
			expect(redis(env)).toMatchObject({
				username: "retyn",
				password: "secret",
				tls: { caFile: "/etc/ca.pem" },
			});
		});

		const wrong: [env: Record<string, string>, sentence: string][] = [
			[
				{ REDIS_SENTINELS: "a:1", REDIS_MASTER_NAME: "m", REDIS_CLUSTER_NODES: "b:2" },
				"REDIS_CLUSTER_NODES cannot go together with REDIS_SENTINELS",
			],
			[{ REDIS_SENTINELS: "a:1" }, "REDIS_MASTER_NAME is missing"],
			[{ REDIS_MASTER_NAME: "m" }, "REDIS_MASTER_NAME means nothing without REDIS_SENTINELS"],
			[{ REDIS_TLS_CA: "ca.pem" }, "REDIS_TLS_CA means nothing without REDIS_TLS=true"],
			[{ REDIS_USERNAME: "retyn" }, "REDIS_USERNAME needs REDIS_PASSWORD"],
		];
		for (const list of ["a", "a:0", "a:65536", "a:1,", "::1:6379", "[::1]", "redis://a:1", "a:1 b:2"]) {
			wrong.push([{ REDIS_CLUSTER_NODES: list }, "REDIS_CLUSTER_NODES must be addresses host:port"]);
		}
		test.each(wrong)("refuses %j, for commands too", (env, sentence) => {
			const enabled = { REDIS_ENABLED: "true", ...env };
			expect(refusal({ ...GOOD, ...enabled })).toContain(sentence);
			expect(() => readRedisConfig(enabled)).toThrow(sentence);
		});

		test("that is described but not switched on is an oversight, unless it is switched off", () => {
			for (const [name, value] of [
				["REDIS_CLUSTER_NODES", "a:1"],
				["REDIS_SENTINELS", "a:1"],
			] as const) {
				const env = { [name]: value, ...(name === "REDIS_SENTINELS" && { REDIS_MASTER_NAME: "m" }) };
				expect(refusal({ ...GOOD, ...env })).toContain(`${name} needs REDIS_ENABLED=true`);
				expect(redis({ ...env, REDIS_ENABLED: "false" }).enabled).toBe(false);
			}
		});
	});

	test("shows keys and watches handlers in development only, unless asked", () => {
		const debug = (env: Record<string, string>) => readConfig({ ...GOOD, ...env }).cache.debug;
		expect(debug({})).toBe(true);
		expect(debug({ NODE_ENV: "production" })).toBe(false);
		expect(debug({ NODE_ENV: "production", CACHE_DEBUG: "true" })).toBe(true);
		expect(debug({ CACHE_DEBUG: "false" })).toBe(false);
	});
});
