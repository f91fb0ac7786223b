import { describe, expect, test } from "bun:test";
import { reckon } from "../../bench/capacity/model.ts";
import { failuresText, figuresOf } from "../../scripts/load/figures.ts";
import type { Asked } from "../../scripts/load/records.ts";
import { lowestHitRatio } from "../../scripts/rolling/windows.ts";
import { withServers } from "../../scripts/system/nginx.ts";
import { coresOf, memoryOf } from "../../scripts/system/usage.ts";
import { batchAsk, valuationAsk } from "./answers.ts";

const ASKS = [valuationAsk(), valuationAsk("variant"), batchAsk()];
const asked = (at: number, outcome: string, ask = 0, ms = 1): Asked => ({ at, ms, ask, user: 0, outcome });

describe("figures of a load", () => {
	test("hits, stale hits and misses are told apart, lists of properties and refusals besides", () => {
		const all = [
			...[1, 2, 3].map((ms) => asked(0, "hit", 0, ms)),
			asked(0, "stale", 0, 4),
			asked(0, "stored", 0, 50),
			asked(0, "fresh", 2, 90),
			asked(0, "refused"),
			asked(0, "status 500"),
			asked(0, "status 500"),
		];
		const figures = figuresOf(all, ASKS, 3);
		expect(figures).toMatchObject({
			requests: 9,
			rate: 3,
			hitRatio: 0.8,
			hits: { count: 3, p50: 2, p99: 3 },
			stale: { count: 1, p50: 4, p99: 4 },
			misses: { count: 1, p50: 50 },
			batches: { count: 1, p50: 90 },
			refused: 1,
		});
		expect(failuresText(figures.failures)).toBe("2 status 500");
	});

	test("the window with the fewest hits is found wherever it lies, new properties left out", () => {
		const all = Array.from({ length: 100 }, (_, index) =>
			asked(index * 100, index >= 42 && index < 45 ? "stored" : "hit"),
		);
		const { hitRatio, atS } = lowestHitRatio([...all, asked(500, "stored", 1)], ASKS, 1_000);
		expect(hitRatio).toBeCloseTo(0.7);
		expect(atS).toBeWithin(3.4, 4.3);
	});

	test("cores and memory of a process, also of one that was started anew meanwhile", () => {
		const sample = (second: number, cpuS: number, megabytes: number) => ({
			atMs: second * 1_000,
			cpuS,
			residentBytes: megabytes * 1024 * 1024,
		});
		expect(coresOf([sample(0, 5, 1), sample(1, 6, 1), sample(2, 0.5, 1)])).toBeCloseTo(0.75);
		const rising = [0, 30, 60].map((second) => sample(second, 0, 100 + second / 6));
		expect(memoryOf(rising, 0)).toEqual({ begin: 100, end: 110, slope: expect.closeTo(10, 6) });
		expect(memoryOf(rising, 45_000)).toBeUndefined();
	});
});

describe("capacity", () => {
	const costs = { instances: 200, nginx: 50, Redis: 20, PostgreSQL: 100, generator: 30 };

	test("grows with the instances until Redis' one core is full", () => {
		expect(reckon(costs, 1)).toMatchObject({ requestsPerSecond: 5_000, limit: "instances", redisCores: 0.1 });
		expect(reckon(costs, 8)).toMatchObject({ requestsPerSecond: 40_000, limit: "instances", nginxCores: 2 });
		expect(reckon(costs, 16)).toMatchObject({ requestsPerSecond: 50_000, limit: "Redis", redisCores: 1 });
	});
});

describe("the list of instances", () => {
	const upstream = [
		"resolver 127.0.0.11;",
		"upstream u {",
		"\tserver a:8000 resolve max_fails=3;",
		"\tserver b:8000 resolve max_fails=3;",
		"\tkeepalive 4;",
		"}",
	].join("\n");

	test("gets others, with the same parameters", () => {
		const servers = withServers(upstream, [1, 2, 3]);
		expect(servers.match(/server 127\.0\.0\.1:\d max_fails=3;/g)).toHaveLength(3);
		expect(servers).not.toContain("resolve");
		expect(servers).toContain("keepalive 4;");
	});

	test("is not made up where there is none", () => {
		expect(() => withServers("upstream u {}", [1])).toThrow(TypeError);
	});
});
