import { describe, expect, test } from "bun:test";
import { readEdgeSettings } from "../../src/edge/settings.ts";

const NEEDED = {
	DATABASE_URL: "postgres://origin/retyn",
	JWT_SECRET: "a-secret-of-the-tests-0123456789-abcdef",
};
const REDIS = { UPSTASH_REDIS_REST_URL: "https://redis.example", UPSTASH_REDIS_REST_TOKEN: "token" };
const storeOf = (bindings: Record<string, unknown>) => readEdgeSettings({ ...NEEDED, ...bindings }).store;

describe("the settings of the edge", () => {
	test.each([
		["nothing", {}, { kind: "none" }],
		["Redis", REDIS, { kind: "redis-http", url: "https://redis.example", token: "token" }],
		[
			"Redis on this machine",
			{ ...REDIS, UPSTASH_REDIS_REST_URL: "http://127.0.0.1:8079" },
			{ kind: "redis-http", url: "http://127.0.0.1:8079" },
		],
		["Redis that is not to be used", { ...REDIS, EDGE_STORE: "cache-api" }, { kind: "cache-api" }],
		["an empty choice", { EDGE_STORE: "" }, { kind: "none" }],
	])("choose a store, given %s", (_, bindings, store) => {
		expect<object>(storeOf(bindings)).toMatchObject(store);
	});

	test.each([
		["an address without a token", { UPSTASH_REDIS_REST_URL: "https://redis.example" }],
		["a token without an address", { UPSTASH_REDIS_REST_TOKEN: "token" }],
		["Redis that is nowhere", { EDGE_STORE: "redis-http" }],
		[
			"an address by which the token would travel in the clear",
			{ ...REDIS, UPSTASH_REDIS_REST_URL: "http://redis.example" },
		],
		["an address of another protocol", { ...REDIS, UPSTASH_REDIS_REST_URL: "redis://redis.example" }],
	])("refuse %s", (_, bindings) => {
		expect(() => storeOf(bindings)).toThrow("UPSTASH_REDIS_REST_URL");
	});

	test("refuse a store that there is not", () => {
		expect(() => storeOf({ EDGE_STORE: "memory" })).toThrow(
			"EDGE_STORE must be none, cache-api or redis-http",
		);
	});

	test("take Hyperdrive's address before the other", () => {
		const hyperdrive = { HYPERDRIVE: { connectionString: "postgres://near/retyn" } };
		expect(readEdgeSettings({ ...NEEDED, ...hyperdrive }).databaseUrl).toBe("postgres://near/retyn");
		expect(readEdgeSettings(NEEDED).databaseUrl).toBe("postgres://origin/retyn");
	});
});
