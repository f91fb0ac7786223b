import { describe, expect, test } from "bun:test";
import type { Sabotage } from "./instances.ts";
import { soakReport } from "./report.ts";
import { PATIENT } from "./rules.ts";
import { soak } from "./soak.ts";
import type { Tally } from "./tally.ts";

describe("a short soak", () => {
	test.concurrent("of two processes with a fault or two finds nothing wrong, and ends them", async () => {
		const seen = ({ requests, purges, faults, outcomes }: Tally) =>
			requests > 200 &&
			purges.done > 20 &&
			faults.some(({ to }) => Number.isFinite(to)) &&
			outcomes.every(({ hit, miss }) => hit > 10 && miss > 10);
		const options = { seconds: 15, seed: 7, faults: true, askers: 8, bounds: PATIENT };
		const result = await soak({ ...options, enough: seen });
		const { tally, pids } = result;
		expect(seen(tally), soakReport(result)).toBe(true);
		expect(tally.breaches, soakReport(result)).toEqual([]);
		expect(new Set([...pids, process.pid]).size).toBe(3);
		for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
	});

	test.concurrent.each<[Sabotage, string, RegExp]>([
		["deaf", "hear nothing on the bus", /purged \(done, other instance\)/],
		["purges", "only say that they purge", /purged \(done, same instance\)/],
		["callers", "take all callers for one", /mine\/\d+ of (caller-\d) is an answer for mine\/\d+ of (?!\1)/],
	])("finds out instances that are %s: they %s", async (sabotage, _what, breach) => {
		const enough = ({ breaches }: Tally) => breaches.some((one) => breach.test(one));
		const { tally } = await soak({ seconds: 15, seed: 7, faults: false, sabotage: [sabotage], enough });
		expect(enough(tally)).toBe(true);
	});
});
