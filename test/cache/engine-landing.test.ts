import { describe, expect, test } from "bun:test";
import type { Filled } from "../../src/cache/answer.ts";
import { createTestEngine, failing, inShort, text } from "./support/engine.ts";

const OWN: Filled<string> = { kind: "own", result: "own", reason: "set-cookie" };

describe("behind the answer", () => {
	test("23, 36: who comes while it is being written gets it at once, and the end of the process waits for that", async () => {
		const engine = createTestEngine();
		const { coordination } = engine.store;
		if (!coordination) throw new Error("the memory store declares no coordination");
		const { commit } = coordination;
		const gate = Promise.withResolvers<void>();
		coordination.commit = (...args) => gate.promise.then(() => commit(...args));
		expect(inShort(await engine.ask())).toBe("miss run 1");
		expect(inShort(await engine.ask())).toBe("miss run 1");
		let isSettled = false;
		const settled = engine.cache.settled().then(() => {
			isSettled = true;
		});
		await Bun.sleep(1);
		expect(isSettled).toBe(false);
		gate.resolve();
		await settled;
		expect(await engine.tell()).toBe("hit run 1");
	});

	test("14: who waits for what is still being sent gets it when it turns out to be for all, and so does the store", async () => {
		const engine = createTestEngine();
		const later = Promise.withResolvers<Filled<string> & { kind: "answer" | "own" }>();
		engine.does(() => ({ kind: "own", result: "first", reason: "streaming", later: later.promise }));
		const [first, second] = [engine.ask().then(inShort), engine.ask().then(inShort)];
		expect(await first).toBe("own first");
		let isSettled = false;
		const settled = engine.cache.settled().then(() => {
			isSettled = true;
		});
		await Bun.sleep(1);
		expect(isSettled).toBe(false);
		later.resolve(text("whole") as Filled<string> & { kind: "answer" });
		expect(await second).toBe("miss whole");
		await settled;
		expect(await engine.tell()).toBe("hit whole");
	});

	test("26: what breaks off while it is being sent has failed, for all who wait for it", async () => {
		const engine = createTestEngine();
		const later = Promise.withResolvers<never>();
		engine.does(() => ({ kind: "own", result: "first", reason: "streaming", later: later.promise }));
		const [first, second] = [engine.tell(), engine.tell()];
		await Bun.sleep(1);
		later.reject(new Error("broke off"));
		expect(await first).toBe("own first");
		expect(await second).toBe("threw broke off");
		expect(engine.runs()).toBe(1);
		expect(await engine.tell()).toBe("busy 503");
	});

	test("29: one answer that can be shared ends the time in which each runs alone", async () => {
		const engine = createTestEngine();
		engine.does(() => OWN);
		await engine.tell();
		engine.does((run) => text(`run ${run}`));
		expect(await engine.tell()).toBe("miss run 2");
		expect(engine.events).toContainEqual(expect.objectContaining({ type: "refused", reason: "not-shared" }));
		expect(await engine.tell()).toBe("miss run 3");
		expect(await engine.tell()).toBe("hit run 3");
	});

	test("26: an answer for one caller is no failure: after it the steps begin anew", async () => {
		const engine = createTestEngine();
		engine.does((run) => (run === 3 ? OWN : failing()));
		await engine.tell();
		engine.clock.advance(100);
		await engine.tell();
		engine.clock.advance(200);
		expect(await engine.tell()).toBe("own own");
		expect(await engine.tell()).toBe("failed 503");
		engine.clock.advance(100);
		expect(await engine.tell()).toBe("failed 503");
	});

	test("35: a mistake in what the engine was made of costs that one request", async () => {
		let isWrong = true;
		const engine = createTestEngine({
			policy: { jitter: 0.5 },
			random() {
				if (isWrong) throw new Error("no chance");
				return 0;
			},
		});
		expect(await engine.tell()).toBe("threw no chance");
		isWrong = false;
		engine.does(() => OWN);
		await engine.tell("own");
		isWrong = true;
		engine.does((run) => text(`run ${run}`));
		expect(await engine.tell("own")).toBe("threw no chance");
		isWrong = false;
		expect(await engine.tell("own")).toBe("miss run 4");
	});
});

describe("who has to have it anew", () => {
	test("19: does not board what left before", async () => {
		const engine = createTestEngine();
		const gate = Promise.withResolvers<void>();
		engine.does((run) => gate.promise.then(() => text(`run ${run}`)));
		const ordinary = engine.ask().then(inShort);
		const renewing = engine.ask("x", { renew: true }).then(inShort);
		await Bun.sleep(1);
		gate.resolve();
		expect(await Promise.all([ordinary, renewing])).toEqual(["miss run 1", "miss run 2"]);
		await engine.cache.settled();
	});
});

test("8: keys whose names are equal, but not their digests, share no run", async () => {
	const engine = createTestEngine();
	const key = (digest: string) => ({ name: "things:one", digest });
	const told = await Promise.all(["a", "b"].map((digest) => engine.tell("", { key: key(digest) })));
	expect(told.sort()).toEqual(["miss run 1", "miss run 2"]);
});
