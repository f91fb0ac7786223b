import { describe, expect, test } from "bun:test";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createTestClock } from "./support/clock.ts";
import { createTestEngine, failing, text } from "./support/engine.ts";

const HOUR = 3_600_000;

describe("a clock that is set back", () => {
	test("26: does not lengthen the back-off of a key that failed", async () => {
		const engine = createTestEngine();
		engine.does(() => failing());
		await engine.tell();
		engine.clock.advance(-HOUR);
		engine.does(() => text("better"));
		expect(await engine.tell()).toBe("miss better");
	});

	test("29: does not lengthen the time in which an answer is not shared", async () => {
		const engine = createTestEngine();
		engine.does(() => ({ kind: "own", result: "own", reason: "set-cookie" }));
		await engine.tell();
		engine.clock.advance(-HOUR);
		engine.does(() => text("shared"));
		expect(await engine.tell()).toBe("miss shared");
		expect(await engine.tell()).toBe("hit shared");
	});

	test("15: makes no answer younger than nothing", async () => {
		const store = createMemoryStore({ clock: createTestClock(), maxBytes: 1024 * 1024 });
		const engine = createTestEngine({ store });
		await engine.tell();
		engine.clock.advance(-5_000);
		expect(await engine.ask()).toMatchObject({ outcome: "hit", ageS: 0 });
	});

	test("39: while a handler runs makes no entry that cannot be read", async () => {
		const store = createMemoryStore({ clock: createTestClock(), maxBytes: 1024 * 1024 });
		const engine = createTestEngine({ store });
		engine.does((run) => {
			engine.clock.advance(-1_000);
			return text(`run ${run}`);
		});
		await engine.tell();
		expect(await engine.tell()).toBe("hit run 1");
	});
});
