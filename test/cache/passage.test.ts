import { expect, test } from "bun:test";
import { createPassage } from "../../src/cache/passage.ts";
import { createTestClock } from "./support/clock.ts";

const AT_ONCE = 16;

test("29: a place that becomes free goes to who waits for one, and not to who comes then, too", async () => {
	const passage = createPassage(createTestClock());
	const ends: (() => void)[] = [];
	const started: string[] = [];
	const enter = (name: string) =>
		passage.pass("k", 60_000, () => {
			started.push(name);
			return new Promise<void>((resolve) => ends.push(resolve));
		});
	const all = Array.from({ length: AT_ONCE }, () => enter("first"));
	all.push(enter("waiting"), enter("waiting"));
	await Bun.sleep(0);
	expect(started).toHaveLength(AT_ONCE);
	ends.shift()?.();
	await Bun.sleep(0);
	all.push(enter("late"));
	await Bun.sleep(0);
	expect(started.slice(AT_ONCE)).toEqual(["waiting"]);
	while (ends.length > 0) {
		ends.shift()?.();
		await Bun.sleep(0);
	}
	await Promise.all(all);
	expect(started.slice(AT_ONCE)).toEqual(["waiting", "waiting", "late"]);
});

test("29: who has waited in vain takes no place later", async () => {
	const passage = createPassage(createTestClock());
	const gate = Promise.withResolvers<void>();
	const running = Array.from({ length: AT_ONCE }, () => passage.pass("k", 1_000, () => gate.promise));
	let hasRun = false;
	const impatient = passage.pass("k", 1, async () => {
		hasRun = true;
	});
	expect(await impatient).toBe("no-room");
	gate.resolve();
	await Promise.all(running);
	expect(hasRun).toBe(false);
	expect(await passage.pass("k", 1, async () => "room")).toBe("room");
});
