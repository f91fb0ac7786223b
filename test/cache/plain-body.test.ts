import { describe, expect, test } from "bun:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { createRespond } from "../../src/cache/http/respond.ts";
import { ask, entryOf, HUGE, LONG, POLICY } from "./support/entries.ts";

describe("inflated bodies", () => {
	test("20: a small one is inflated at once, a large one once and from then on is there at once", async () => {
		const respond = createRespond(POLICY);
		expect(ask(respond, LONG)).toBeInstanceOf(Response);
		const first = ask(respond, HUGE);
		expect(first).toBeInstanceOf(Promise);
		await first;
		const second = ask(respond, HUGE) as Response;
		expect(second).toBeInstanceOf(Response);
		expect(await second.text()).toBe(gunzipSync(HUGE.body).toString());
	});

	test("44: are bounded; what was not asked for longest goes first, and is right when it is asked for again", async () => {
		const respond = createRespond(POLICY);
		const large = Array.from({ length: 12 }, (_, index) => entryOf(`${index}`.padEnd(1_000_000, "x")));
		for (const entry of large) await ask(respond, entry);
		expect(large.map((entry) => ask(respond, entry) instanceof Promise)).toEqual([
			...Array.from({ length: 8 }, () => true),
			...Array.from({ length: 4 }, () => false),
		]);
		for (const [index, entry] of large.entries()) {
			expect(await (await ask(respond, entry)).text()).toBe(`${index}`.padEnd(1_000_000, "x"));
		}
		const tooLarge = entryOf("x".repeat(5_000_000));
		for (const _ of [1, 2]) expect((await (await ask(respond, tooLarge)).text()).length).toBe(5_000_000);
	});

	test("44: of tiny answers are bounded, too", async () => {
		const tiny = entryOf("[]", { body: gzipSync("[]"), coding: "gzip" });
		const respond = createRespond(POLICY);
		const entries = Array.from({ length: 10_000 }, () => ({ entry: new WeakRef({ ...tiny }) }));
		for (const { entry } of entries) {
			const alive = entry.deref();
			if (alive) await ask(respond, alive);
		}
		await new Promise<void>((resolve) => setImmediate(resolve));
		Bun.gc(true);
		expect(entries.filter(({ entry }) => entry.deref()).length).toBeLessThan(5_000);
	});
});
