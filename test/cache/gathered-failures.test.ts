import { describe, expect, test } from "bun:test";
import { failureCause } from "../../src/cache/failure.ts";
import { gathered } from "../../src/cache/gathered.ts";
import { guarded } from "../../src/cache/guard.ts";
import type { CacheStore, ReadTogether } from "../../src/cache/store.ts";
import { createTestEngine } from "./support/engine.ts";
import { readsTogether } from "./support/reads-together.ts";

describe("a failure of reads that were gathered", () => {
	const failures: Record<string, () => never | Promise<never>> = {
		"a rejection": () => Promise.reject(new Error("cut off")),
		"an error thrown at once": () => {
			throw new Error("cut off");
		},
	};

	test.each(Object.keys(failures))(
		"35: %s reaches everybody of the turn, and the next turn works",
		async (name) => {
			const { store, shared, rule } = readsTogether();
			rule.around = failures[name] as () => never;
			const reads = [
				store.get("a"),
				shared.generations(["t"]),
				shared.readTogether(["b"], []),
				store.get("a"),
			];
			const told = await Promise.allSettled(reads);
			expect(told.map((one) => one.status === "rejected" && String(one.reason))).toEqual(
				Array.from({ length: 4 }, () => "Error: cut off"),
			);
			rule.around = (answer) => answer;
			expect(await store.get("a")).toBeUndefined();
		},
	);

	test("35: is one event for each request of an engine, which are answered all the same", async () => {
		const { store, rule } = readsTogether();
		const engine = createTestEngine({ store });
		rule.around = () => Promise.reject(new Error("cut off"));
		const told = await Promise.all(["x", "y", "z"].map((input) => engine.ask(input)));
		await engine.cache.settled();
		expect(told.map(({ from }) => from)).toEqual(["entry", "entry", "entry"]);
		const failed = engine.events.filter(({ type }) => type === "store-failed");
		expect(failed.map((event) => "operation" in event && event.operation)).toEqual(["read", "read", "read"]);
		rule.around = (answer) => answer;
		expect(await engine.tell()).toStartWith("miss");
		expect(await engine.tell()).toStartWith("hit");
	});

	test("35: nonsense that a store answers is a miss", async () => {
		const nonsense: unknown[] = [
			undefined,
			{},
			{ hits: [], marks: [] },
			{ hits: [{ value: "a text" }], marks: ["a", "b"] },
			{ hits: [{}], marks: ["a", "b"] },
			{ hits: "text", marks: 7 },
		];
		for (const answer of nonsense) {
			for (const wrap of [gathered, (store: CacheStore) => store]) {
				const { plain, rule } = readsTogether();
				const engine = createTestEngine({ store: wrap(plain) });
				rule.around = () => answer as ReadTogether;
				expect(await engine.tell()).toBe("miss run 1");
			}
		}
	});

	test("38: to tell one tag costs those who ask for it, and nobody else of the turn", async () => {
		const { store, shared, rule } = readsTogether();
		rule.around = async ({ hits }) => ({ hits, marks: ["good", new Error("wrong type")] });
		const reads = [
			shared.generations(["t1"]),
			shared.generations(["t2"]),
			shared.generations(["t1", "t2"]),
			store.get("a"),
		];
		const told = await Promise.allSettled<unknown>(reads);
		expect(told.map((one) => (one.status === "fulfilled" ? one.value : String(one.reason)))).toEqual([
			["good"],
			"Error: wrong type",
			"Error: wrong type",
			undefined,
		]);
	});

	test("38: to tell one tag is a failed read of the requests that have it, and hits of the others", async () => {
		const { store, rule } = readsTogether();
		const engine = createTestEngine({ store });
		expect(await engine.tell("x")).toBe("miss run 1");
		rule.around = ({ hits, marks }) => ({
			hits,
			marks: marks.map((mark, place) => (place < 2 ? mark : new Error("wrong type"))),
		});
		const [good, bad] = await Promise.all([engine.ask("x"), engine.ask("y", { tags: ["bad"] })]);
		await engine.cache.settled();
		expect(good).toMatchObject({ from: "entry", outcome: "hit" });
		expect(bad).toMatchObject({ from: "entry", outcome: "miss", missed: "store-failed", stored: false });
		expect(engine.events.filter(({ type }) => type === "store-failed").length).toBe(1);
	});

	test("36: a turn has one deadline for all, and costs one place among the calls in flight", async () => {
		const { plain, rule } = readsTogether();
		const store = gathered(guarded(plain, { deadlineMs: 20, maxInFlight: 1 }));
		rule.around = () => new Promise<never>(() => {});
		const reads = Array.from({ length: 30 }, (_, index) => store.get(`k:${index}`));
		const causes = await Promise.all(
			reads.map((read) => Promise.resolve(read).then(() => "none", failureCause)),
		);
		expect(new Set(causes)).toEqual(new Set(["timeout"]));
	});
});
