import { describe, expect, test } from "bun:test";
import type { BreakerMemory } from "../../src/cache/breaker.ts";
import { failureCause, StoreUnavailable } from "../../src/cache/failure.ts";
import { guarded } from "../../src/cache/guard.ts";
import { createNoopStore } from "../../src/cache/stores/noop.ts";
import { eventually } from "./support/eventually.ts";

/** A backend that is silent when told so, and guards that each live for one request, on a clock that stands still. */
function backend() {
	const state = { silent: true, calls: 0, now: 0 };
	const memory: BreakerMemory = { failures: 0 };
	const store = {
		...createNoopStore(),
		async get() {
			state.calls += 1;
			if (state.silent) throw new StoreUnavailable("silent", "connection");
			return undefined;
		},
	};
	const ask = async (): Promise<string> => {
		const guard = guarded(store, { deadlineMs: 1_000, now: () => state.now, breaker: { memory } });
		return Promise.resolve(guard.get("k")).then(() => "none", failureCause);
	};
	return { state, memory, ask };
}

describe("a breaker whose memory outlives it", () => {
	test("opens by what others saw, and then asks nobody", async () => {
		const { state, ask } = backend();
		for (let request = 0; request < 5; request += 1) expect(await ask()).toBe("connection");
		expect(await ask()).toBe("breaker-open");
		expect(state.calls).toBe(5);
	});

	test("is closed by the probe of any one, for all", async () => {
		const { state, memory, ask } = backend();
		for (let request = 0; request < 5; request += 1) await ask();
		state.silent = false;
		state.now = 250;
		expect(await ask()).toBe("breaker-open");
		await eventually(() => memory.openSince === undefined);
		expect(await ask()).toBe("none");
	});

	test("forgets failures that were not in a row", async () => {
		const { state, ask } = backend();
		for (let request = 0; request < 4; request += 1) await ask();
		state.silent = false;
		await ask();
		state.silent = true;
		for (let request = 0; request < 5; request += 1) expect(await ask()).toBe("connection");
	});
});
