import { describe, expect, test } from "bun:test";
import type { CacheEvent } from "../../src/cache/index.ts";
import type { Logger } from "../../src/lib/logger.ts";
import { type CacheLogOptions, logCacheEvents } from "../../src/observability/cache-log.ts";
import { createTestClock } from "../support/clock.ts";

const HIT: CacheEvent = { type: "hit", policy: "areas", key: `areas:${"0".repeat(32)}`, ttlS: 9 };
const FAILURE: CacheEvent = {
	type: "store-failed",
	operation: "read",
	store: "redis",
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
	test("name the policy, a shortened key and the time left", () => {
		const { lines, tell } = setUp("all");
		tell(HIT);
		tell({ ...HIT, type: "miss", reason: "none" });
		tell({ ...HIT, type: "stored", bytes: 10 });
		expect(lines.map(({ message }) => message)).toEqual(["Cache HIT", "Cache MISS", "Cache STORED"]);
		expect(lines[0]?.fields).toEqual({ policy: "areas", key: "areas:00000000000000", ttlS: 9 });
	});

	test("are one in a hundred when sampled, and none when only errors count", () => {
		const [sampled, errors] = [setUp("sampled"), setUp("errors")];
		for (let index = 0; index < 1_000; index += 1) {
			for (const { tell } of [sampled, errors]) {
				tell({ ...HIT, type: "miss", reason: "none" });
				tell({ ...HIT, type: "stored", bytes: 10 });
			}
		}
		const messages = sampled.lines.map(({ message }) => message);
		expect(messages.filter((message) => message === "Cache MISS")).toHaveLength(10);
		expect(messages.filter((message) => message === "Cache STORED")).toHaveLength(10);
		expect(errors.lines).toHaveLength(0);
	});

	test("warn of a failing store once in ten seconds and say how often it failed since", () => {
		const { clock, lines, tell } = setUp("errors");
		for (let index = 0; index < 500; index += 1) tell(FAILURE);
		clock.advance(10_000);
		tell(FAILURE);
		expect(lines).toEqual([
			{
				level: "warn",
				fields: { store: "redis", reason: "gone", alsoSinceLastLine: 0 },
				message: "Cache read failed",
			},
			{
				level: "warn",
				fields: { store: "redis", reason: "gone", alsoSinceLastLine: 499 },
				message: "Cache read failed",
			},
		]);
	});
});
