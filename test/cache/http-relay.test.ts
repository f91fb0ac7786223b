import { describe, expect, test } from "bun:test";
import { relay } from "../../src/cache/http/relay.ts";

const text = new TextDecoder();
const bytes = (value: string) => new TextEncoder().encode(value);

/** A source that gives what it is told to, when it is told to. */
function source() {
	let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
	let cancelled: unknown;
	const stream = new ReadableStream<Uint8Array>({
		start: (given) => {
			controller = given;
		},
		cancel: (reason) => {
			cancelled = reason ?? "cancelled";
		},
	});
	return {
		stream,
		give: (value: string) => controller?.enqueue(bytes(value)),
		end: () => controller?.close(),
		cancelled: () => cancelled,
	};
}

describe("a relayed body", () => {
	test("14: is whole at its end, and the same for one who reads along from any moment", async () => {
		const from = source();
		const relayed = relay(from.stream, 100);
		from.give("one ");
		await Bun.sleep(1);
		const reading = new Response(relayed.stream()).text();
		from.give("two");
		from.end();
		expect(text.decode((await relayed.collected) as Uint8Array)).toBe("one two");
		expect(await reading).toBe("one two");
	});

	test("14: one who changes what they are sent does not change the copy", async () => {
		const from = source();
		const relayed = relay(from.stream, 100);
		const reader = relayed.stream().getReader();
		from.give("one");
		(await reader.read()).value?.fill(0);
		from.end();
		expect(text.decode((await relayed.collected) as Uint8Array)).toBe("one");
	});

	test("14: once it is given up the chunks stay in order, although one was being waited for", async () => {
		const from = source();
		const relayed = relay(from.stream, 100);
		const reader = relayed.stream().getReader();
		from.give("one");
		expect(text.decode((await reader.read()).value)).toBe("one");
		relayed.giveUp();
		expect(await relayed.collected).toBe("given-up");
		const second = reader.read();
		from.give("two");
		expect(text.decode((await second).value)).toBe("two");
		from.give("three");
		expect(text.decode((await reader.read()).value)).toBe("three");
		from.end();
		expect((await reader.read()).done).toBe(true);
	});

	test("14: the source is stopped when there is too much of it and its reader has left before", async () => {
		const from = source();
		const relayed = relay(from.stream, 5);
		await relayed.stream().cancel();
		expect(from.cancelled()).toBeUndefined();
		from.give("too much");
		expect(await relayed.collected).toBe("too-large");
		await Bun.sleep(1);
		expect(from.cancelled()).toBe("cancelled");
	});

	test("14: the source is stopped when the copy is given up and its reader has left before", async () => {
		const from = source();
		const relayed = relay(from.stream, 5);
		await relayed.stream().cancel();
		relayed.giveUp();
		await Bun.sleep(1);
		expect(from.cancelled()).toBe("cancelled");
	});

	test("28: broken off is not the same as complete", async () => {
		const from = source();
		const relayed = relay(from.stream, 100);
		const reader = relayed.stream().getReader();
		from.give("one");
		await reader.read();
		const reason = new Error("out of time");
		const ends = Promise.allSettled([relayed.collected, reader.read()]);
		relayed.breakOff(reason);
		expect(await ends).toEqual([
			{ status: "rejected", reason },
			{ status: "rejected", reason },
		]);
		expect(from.cancelled()).toBe(reason);
	});
});
