import { describe, expect, test } from "bun:test";
import type { CacheEvent } from "../../src/cache/index.ts";
import type { Logger } from "../../src/lib/logger.ts";
import { type CacheLogOptions, logCacheEvents } from "../../src/observability/cache-log.ts";
import { createTestClock } from "../cache/support/clock.ts";

const TOLD = { policy: "areas", key: `areas:${"0".repeat(32)}` };
const HIT: CacheEvent = { type: "hit", ...TOLD, tier: "memory", ageS: 1, ttlS: 9, savedMs: 4 };
const MISS: CacheEvent = { type: "miss", ...TOLD, reason: "none", collapsed: false };
const FILLED: CacheEvent = { type: "filled", ...TOLD, ttlS: 9, bytes: 10, tookMs: 5, by: "miss" };
const FILL_FAILED: CacheEvent = { type: "fill-failed", ...TOLD, status: 503, tookMs: 5, by: "refresh" };
const FAILURE: CacheEvent = {
	type: "store-failed",
	operation: "read",
	store: "redis",
	cause: "connection",
	error: new Error("gone"),
};

function setUp(mode: CacheLogOptions["mode"]) {
	const clock = createTestClock();
	const lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
	const line = (level: string) => (fields: object, message: string) =>
		void lines.push({ level, fields: { ...fields }, message });
	const logger: Logger = { debug() {}, info: line("info"), warn: line("warn"), error: line("error") };
	return { clock, lines, tell: logCacheEvents({ logger, clock, mode }) };
}

describe("cache log lines", () => {
	test("46: name the policy, a shortened key and the time left", () => {
		const { lines, tell } = setUp("all");
		tell(HIT);
		tell({ type: "stale", ...TOLD, tier: "redis", ttlS: -3, because: "failed", savedMs: 4 });
		tell(MISS);
		tell(FILLED);
		tell({ type: "refused", ...TOLD, reason: "status" });
		expect(lines.map(({ message }) => message)).toEqual([
			"Cache HIT",
			"Cache STALE",
			"Cache MISS",
			"Cache STORED",
			"Cache NOT STORED",
		]);
		const told = { policy: "areas", key: "areas:00000000000000" };
		expect(lines[0]?.fields).toEqual({ ...told, tier: "memory", ttlS: 9 });
		expect(lines[1]?.fields).toEqual({ ...told, tier: "redis", ttlS: -3, because: "failed" });
	});

	test("46: are one in a hundred when sampled, and none when only errors count", () => {
		const [sampled, errors] = [setUp("sampled"), setUp("errors")];
		for (let index = 0; index < 1_000; index += 1) {
			for (const { tell } of [sampled, errors]) {
				tell(MISS);
				tell(FILLED);
			}
		}
		const messages = sampled.lines.map(({ message }) => message);
		expect(messages.filter((message) => message === "Cache MISS")).toHaveLength(10);
		expect(messages.filter((message) => message === "Cache STORED")).toHaveLength(10);
		expect(errors.lines).toHaveLength(0);
	});

	test("46: warn of a failing store once in ten seconds and say how often it failed since", () => {
		const { clock, lines, tell } = setUp("errors");
		for (let index = 0; index < 500; index += 1) tell(FAILURE);
		clock.advance(10_000);
		tell(FAILURE);
		const fields = { store: "redis", cause: "connection", reason: "gone" };
		expect(lines).toEqual([
			{ level: "warn", fields: { ...fields, alsoSinceLastLine: 0 }, message: "Cache read failed" },
			{ level: "warn", fields: { ...fields, alsoSinceLastLine: 499 }, message: "Cache read failed" },
		]);
	});

	test("46: tell failures of another kind, store or operation apart", () => {
		const { lines, tell } = setUp("errors");
		for (let index = 0; index < 10; index += 1) {
			for (const operation of ["read", "write", "lease", "purge"] as const) tell({ ...FAILURE, operation });
			tell({ ...FAILURE, cause: "timeout" });
			tell({ ...FAILURE, store: "other" });
		}
		expect(lines.map(({ message }) => message)).toEqual([
			"Cache read failed",
			"Cache write failed",
			"Cache lease failed",
			"Cache purge failed",
			"Cache read failed",
			"Cache read failed",
		]);
	});

	test("46: say once in ten seconds and policy that filling fails", () => {
		const { clock, lines, tell } = setUp("errors");
		for (let index = 0; index < 50; index += 1) tell(FILL_FAILED);
		tell({ ...FILL_FAILED, policy: "valuation" });
		clock.advance(10_000);
		tell(FILL_FAILED);
		expect(
			lines.map(({ message, fields }) => [message, fields["policy"], fields["alsoSinceLastLine"]]),
		).toEqual([
			["Cache fill failed", "areas", 0],
			["Cache fill failed", "valuation", 0],
			["Cache fill failed", "areas", 49],
		]);
		expect(lines[0]?.fields).toMatchObject({ status: 503, by: "refresh" });
	});

	test("46: tell of purges and of the breaker whatever else is left out", () => {
		const { lines, tell } = setUp("errors");
		tell({ type: "purged", tags: ["a", "b"], keys: 0 });
		tell({ type: "expired", tags: ["a"], keys: 0 });
		tell({ type: "breaker", store: "redis", state: "opened" });
		tell({ type: "breaker", store: "redis", state: "closed" });
		expect(lines).toEqual([
			{ level: "info", fields: { tags: 2, keys: 0 }, message: "Cache purged" },
			{ level: "info", fields: { tags: 1, keys: 0 }, message: "Cache expired" },
			{ level: "warn", fields: { store: "redis" }, message: "Cache breaker opened" },
			{ level: "info", fields: { store: "redis" }, message: "Cache breaker closed" },
		]);
	});
});
