import { describe, expect, test } from "bun:test";
import { buildDirectory, type Directory } from "../src/areas/directory.ts";
import { keep } from "../src/lib/keeper.ts";
import { silentLogger } from "../src/lib/logger.ts";
import { createTestClock } from "./cache/support/clock.ts";

const NOTHING = { areas: [], links: [], projects: [], saleTypes: [], dataThrough: null, sample: false };
const version = (number: number): Directory => buildDirectory({ ...NOTHING, version: number });

/** A keeper over readings that a test ends itself. */
function setUp(times: { readWithinMs?: number; soonMs?: number } = {}) {
	const clock = createTestClock();
	const readings: PromiseWithResolvers<Directory>[] = [];
	const keeper = keep<Directory>({
		what: "Names",
		load() {
			const reading = Promise.withResolvers<Directory>();
			readings.push(reading);
			return reading.promise;
		},
		clock,
		logger: silentLogger,
		...times,
	});
	return { clock, readings, keeper };
}

describe("whoever wants the market to be known", () => {
	test("waits for a reading that is soon done, and then no more", async () => {
		const { keeper, readings } = setUp();
		const waiting = keeper.whenSoonKnown();
		readings[0]?.resolve(version(1));
		await waiting;
		expect(keeper.known?.version).toBe(1);
		await keeper.whenSoonKnown();
		expect(readings).toHaveLength(1);
	});

	test("waits a while for one that hangs, together with all others, and after that nobody waits", async () => {
		const { keeper, readings } = setUp({ soonMs: 20 });
		await Promise.all([keeper.whenSoonKnown(), keeper.whenSoonKnown()]);
		expect(keeper.known).toBeUndefined();
		let waited = true;
		const again = keeper.whenSoonKnown().then(() => {
			waited = false;
		});
		await Promise.resolve();
		await Promise.resolve();
		expect(waited).toBe(false);
		await again;
		expect(readings).toHaveLength(1);
		readings[0]?.resolve(version(1));
		await Bun.sleep(0);
		expect(keeper.known?.version).toBe(1);
	});

	test("does not wait again after one that failed, but has it read again", async () => {
		const { keeper, readings } = setUp();
		const waiting = keeper.whenSoonKnown();
		readings[0]?.reject(new Error("gone"));
		await waiting;
		await keeper.whenSoonKnown();
		expect(readings).toHaveLength(2);
		readings[1]?.resolve(version(2));
		await Bun.sleep(0);
		expect(keeper.known?.version).toBe(2);
	});
});

describe("a reading", () => {
	test("that hangs is given up, what it brings later is dropped, and the next one counts", async () => {
		const { keeper, readings } = setUp({ readWithinMs: 10 });
		await expect(keeper.current()).rejects.toMatchObject({ code: "ETIMEDOUT" });
		const second = keeper.current();
		readings[1]?.resolve(version(2));
		expect((await second).version).toBe(2);
		readings[0]?.resolve(version(1));
		await Bun.sleep(0);
		expect(keeper.known?.version).toBe(2);
	});

	test("after a minute is set off by a reader, who gets the known one meanwhile", async () => {
		const { clock, keeper, readings } = setUp();
		const first = keeper.current();
		readings[0]?.resolve(version(1));
		await first;
		clock.advance(60_001);
		expect((await keeper.current()).version).toBe(1);
		expect((await keeper.current()).version).toBe(1);
		expect(readings).toHaveLength(2);
		readings[1]?.reject(new Error("gone"));
		await Bun.sleep(0);
		expect((await keeper.current()).version).toBe(1);
	});

	test("that was under way when the market changed is followed by another", async () => {
		const { keeper, readings } = setUp();
		const first = keeper.current();
		const refreshed = keeper.refresh();
		readings[0]?.resolve(version(1));
		await first;
		await Bun.sleep(0);
		readings[1]?.resolve(version(2));
		await refreshed;
		expect(keeper.known?.version).toBe(2);
	});

	test("that was asked for because the market changed says so when it fails, and the old names stay", async () => {
		const { keeper, readings } = setUp();
		const first = keeper.current();
		readings[0]?.resolve(version(1));
		await first;
		const refreshed = keeper.refresh();
		await Bun.sleep(0);
		readings[1]?.reject(new Error("gone"));
		await expect(refreshed).rejects.toThrow("gone");
		expect(keeper.known?.version).toBe(1);
	});
});
