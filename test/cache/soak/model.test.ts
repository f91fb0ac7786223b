import { describe, expect, test } from "bun:test";
import { Model, type Observation, type Scope, type Thing } from "./model.ts";
import { RULES } from "./rules.ts";
import { Timeline } from "./timeline.ts";

const BOUNDS = {
	handlerMs: 100,
	budgetMs: 50,
	busMs: 100,
	memoryMs: 5_000,
	pendingMs: 3_000,
	recoveryMs: 2_000,
	slackMs: 0,
};
const THING: Thing = { route: "things", id: 1 };
const LIST: Thing = { route: "lists", id: 1 };
const MINE: Thing = { route: "mine", id: 1, caller: "a" };

function start() {
	const timeline = new Timeline();
	const model = new Model(RULES, BOUNDS, timeline, 2);
	return {
		timeline,
		model,
		/** What is wrong with an answer that instance 0 gave at this time. */
		check(at: number, version: number, more: Partial<Observation> = {}) {
			const thing = more.thing ?? THING;
			const seen = {
				thing,
				instance: 0,
				sentAt: at,
				receivedAt: at + 10,
				status: 200,
				told: { thing, version },
			};
			return model.check({ ...seen, ...more }).join();
		},
		purge(
			at: number,
			scope: Scope,
			more: { instance?: number; how?: "done" | "pending"; expires?: boolean } = {},
		) {
			const { how = "done", instance = 1, expires = false } = more;
			model.purgeAnswered({ scope, instance, expires, sentAt: at, answered: { at: at + 10, how } });
		},
	};
}

describe("the soak's model", () => {
	test("takes an answer that is true", () => {
		const { model, check } = start();
		model.change(THING, 1_000);
		expect(check(900, 0)).toBe("");
		expect(check(1_100, 1)).toBe("");
	});

	test("notices an answer for something or somebody else", () => {
		const { check } = start();
		expect(check(0, 0, { told: { thing: LIST, version: 0 } })).toContain("is an answer for lists/1");
		const other = { thing: { ...MINE, caller: "b" }, version: 0 };
		expect(check(0, 0, { thing: MINE, told: other })).toContain("is an answer for mine/1 of b");
	});

	test("notices a version that was not true yet", () => {
		expect(start().check(0, 1)).toContain("still to come");
	});

	test("takes what was true within the time and the stale windows of its route, not longer", () => {
		const { model, check } = start();
		for (const thing of [THING, LIST]) model.change(thing, 1_000);
		expect(check(27_000, 0)).toBe("");
		expect(check(27_200, 0)).toContain("had not been true for 26200 ms");
		expect(check(21_000, 0, { thing: LIST })).toBe("");
		expect(check(21_200, 0, { thing: LIST })).toContain("had not been true");
	});

	test("takes nothing that was purged by the same instance", () => {
		const { model, check, purge } = start();
		model.change(THING, 1_000);
		purge(1_000, { tag: "thing:1" }, { instance: 0 });
		expect(check(1_009, 0)).toBe("");
		expect(check(1_011, 0)).toContain("purged (done, same instance) 1 ms before");
	});

	test("takes what another instance purged for 100 ms, and longer by what the process was held up", () => {
		const { model, check, purge } = start();
		model.change(THING, 1_000);
		purge(1_000, { tag: "thing:1" });
		expect(check(1_100, 0)).toBe("");
		expect(check(1_150, 0)).toContain("purged (done, other instance) 140 ms before");
		expect(check(1_150, 0, { pausedMs: 60 })).toBe("");
	});

	test("takes what was changed after the purge", () => {
		const { model, check, purge } = start();
		purge(900, { tag: "thing:1" });
		model.change(THING, 1_000);
		expect(check(2_000, 0)).toBe("");
	});

	test("takes what another instance purged for the bound of memory, when a link or Redis was out of order", () => {
		for (const part of ["link 0", "redis"] as const) {
			const { model, check, purge, timeline } = start();
			model.change(THING, 1_000);
			timeline.began(part, 900);
			purge(1_000, { tag: "thing:1" });
			timeline.ended(part, 2_000);
			expect(check(6_000, 0)).toBe("");
			expect(check(6_020, 0)).toContain("purged");
		}
	});

	test("does not excuse an instance by the link of another, nor by a fault of long ago", () => {
		const { model, check, purge, timeline } = start();
		timeline.began("link 0", 0);
		timeline.ended("link 0", 500);
		timeline.began("link 1", 2_000);
		model.change(THING, 3_000);
		purge(3_000, { tag: "thing:1" });
		expect(check(3_200, 0)).toContain("purged");
	});

	test("takes what is still pending until all was in order for a while", () => {
		const { model, check, purge, timeline } = start();
		model.change(THING, 1_000);
		timeline.began("redis", 900);
		purge(1_000, { tag: "thing:1" }, { how: "pending" });
		timeline.ended("redis", 4_000);
		expect(check(7_000, 0)).toBe("");
		expect(check(7_200, 0)).toContain("purged (pending, other instance)");
	});

	test.each<[string, Scope, Thing[], Thing[]]>([
		["tag", { tag: "group:1" }, [THING, LIST, MINE], [{ route: "things", id: 2 }]],
		["route", { route: "lists" }, [LIST], [THING]],
		["key", { thing: MINE }, [MINE], [THING, { ...MINE, caller: "b" }]],
		["everything", { everything: true }, [THING, LIST, MINE], []],
	])("knows what a purge by %s is about", (_name, scope, those, others) => {
		const { model, check, purge } = start();
		for (const thing of [...those, ...others]) model.change(thing, 1_000);
		purge(1_000, scope, { instance: 0 });
		for (const thing of those) expect(check(1_100, 0, { thing })).toContain("purged");
		for (const thing of others) expect(check(1_100, 0, { thing })).toBe("");
	});

	test("takes stale answers of what was expired, where the route gives any", () => {
		const { model, check, purge } = start();
		for (const thing of [THING, MINE]) model.change(thing, 1_000);
		purge(1_000, { tag: "thing:1" }, { instance: 0, expires: true });
		expect(check(1_100, 0)).toBe("");
		expect(check(1_100, 0, { thing: MINE })).toContain("purged");
	});

	test("notices an answer that took longer than two runs of the handler and the store's budget", () => {
		const { check } = start();
		expect(check(0, 0, { receivedAt: 250 })).toBe("");
		expect(check(0, 0, { receivedAt: 251 })).toBe("took 251 ms, over 250");
		expect(check(0, 0, { receivedAt: 251, pausedMs: 1 })).toBe("");
	});

	test("takes a 503 for what the origin failed at a moment ago, nothing else that is no answer", () => {
		const { model, check } = start();
		const none = { told: undefined };
		expect(check(0, 0, { ...none, status: 500 })).toContain("is a 500");
		expect(check(1_000, 0, { ...none, status: 503 })).toContain("although the origin did not fail");
		model.originFailed(THING, 1_005);
		expect(check(1_000, 0, { ...none, status: 503 })).toBe("");
		expect(check(6_000, 0, { ...none, status: 503 })).toBe("");
		expect(check(7_000, 0, { ...none, status: 503 })).toContain("although the origin did not fail");
		expect(check(1_000, 0, { ...none, thing: LIST, status: 503 })).toContain(
			"although the origin did not fail",
		);
	});

	test("takes no 503 where there is a good copy", () => {
		const failing = { told: undefined, status: 503 };
		for (const [ttlS, at, complaint] of [
			[6, 20_000, "although there was a good copy"],
			[6, 26_500, ""],
			[undefined, 20_000, ""],
		] as const) {
			const { model, check } = start();
			check(1_000, 0, { ttlS });
			model.originFailed(THING, at);
			expect(check(at, 0, failing)).toContain(complaint);
			if (complaint === "") expect(check(at, 0, failing)).toBe("");
		}
	});

	test("does not count on a good copy that was purged, or that a fault may have cost", () => {
		const failing = { told: undefined, status: 503 };
		const purged = start();
		purged.check(10_000, 0, { ttlS: 6 });
		purged.purge(11_000, { tag: "thing:1" });
		purged.model.originFailed(THING, 12_000);
		expect(purged.check(12_000, 0, failing)).toBe("");

		// Given by an instance that the bus had not told yet.
		const told = start();
		told.purge(9_950, { tag: "thing:1" });
		told.check(10_000, 1, { ttlS: 6 });
		told.model.originFailed(THING, 12_000);
		expect(told.check(12_000, 0, failing)).toBe("");

		const lost = start();
		lost.timeline.began("redis", 11_000);
		lost.timeline.ended("redis", 11_500);
		lost.check(10_000, 0, { ttlS: 6 });
		lost.model.originFailed(THING, 12_000);
		expect(lost.check(12_000, 0, failing)).toBe("");
	});
});
