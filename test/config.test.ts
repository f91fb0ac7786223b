import { describe, expect, test } from "bun:test";
import { ConfigError, readConfig } from "../src/config.ts";

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

	test("shows keys and watches handlers in development only, unless asked", () => {
		const debug = (env: Record<string, string>) => readConfig({ ...GOOD, ...env }).cache.debug;
		expect(debug({})).toBe(true);
		expect(debug({ NODE_ENV: "production" })).toBe(false);
		expect(debug({ NODE_ENV: "production", CACHE_DEBUG: "true" })).toBe(true);
		expect(debug({ CACHE_DEBUG: "false" })).toBe(false);
	});
});
