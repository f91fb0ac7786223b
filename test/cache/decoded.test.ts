import { describe, expect, test } from "bun:test";
import { rememberingDecoder } from "../../src/cache/decoded.ts";
import { createEntryCodec, type Entry, type EntryCodec } from "../../src/cache/entry.ts";

const NAME = "things:1";

function entryOf(text: string, more: Partial<Entry> = {}): Entry {
	const body = new TextEncoder().encode(text);
	return {
		policy: "things",
		digest: "d".repeat(64),
		status: 200,
		headers: [["content-type", "text/plain"]],
		storedAt: 1_000,
		freshUntil: 2_000,
		staleUntil: 3_000,
		staleIfErrorUntil: 4_000,
		fillMs: 1,
		tags: { a: "b/c" },
		body,
		length: body.byteLength,
		...more,
	};
}

/** A decoder, and how often the codec behind it had to read. */
function subject(codec: EntryCodec = createEntryCodec()) {
	let reads = 0;
	const decode = rememberingDecoder({
		...codec,
		decode(name, bytes) {
			reads += 1;
			return codec.decode(name, bytes);
		},
	});
	return {
		decode,
		encode: codec.encode,
		/** Reads since the last time this was asked. */
		reads() {
			const count = reads;
			reads = 0;
			return count;
		},
	};
}

const copy = (bytes: Uint8Array) => new Uint8Array(bytes);
const textOf = (entry: Entry | undefined) => entry && Buffer.from(entry.body).toString();

describe("bytes that are read again", () => {
	test("are not taken apart again where they are the very same object", () => {
		const { decode, encode, reads } = subject();
		const bytes = encode(NAME, entryOf("x"));
		const first = decode(NAME, bytes);
		expect(first).toEqual({ ...entryOf("x"), body: expect.anything(), tags: expect.anything() });
		for (const _ of [1, 2, 3]) expect(decode(NAME, bytes)).toBe(first as Entry);
		expect(reads()).toBe(1);
	});

	test("are not taken apart again where they are equal, from the third time on", () => {
		const { decode, encode, reads } = subject();
		const bytes = encode(NAME, entryOf("x"));
		decode(NAME, copy(bytes));
		const known = decode(NAME, copy(bytes));
		expect(reads()).toBe(2);
		for (const again of [copy(bytes), Buffer.from(bytes), copy(bytes)]) {
			expect(decode(NAME, again)).toBe(known as Entry);
		}
		expect(reads()).toBe(0);
		expect(textOf(known)).toBe("x");
	});

	test("39: are read anew after any change of them, however small", () => {
		const { decode, encode, reads } = subject();
		const bytes = encode(NAME, entryOf("some text"));
		for (const _ of [1, 2]) decode(NAME, copy(bytes));
		reads();
		for (let place = 0; place < bytes.byteLength; place += 1) {
			const changed = copy(bytes);
			changed[place] = (changed[place] as number) ^ 1;
			const direct = createEntryCodec().decode(NAME, changed);
			expect(decode(NAME, changed)).toEqual(direct as Entry);
			// Read at least once; a copy of those that can be read replaces what was known.
			expect(reads()).toBe(1);
		}
		for (const cut of [bytes.subarray(1), bytes.subarray(0, -1), Buffer.concat([bytes, bytes])]) {
			expect(decode(NAME, cut)).toBeUndefined();
		}
	});

	test("are what is stored now, whatever was stored under the name before and comes back", () => {
		const { decode, encode } = subject();
		const texts = ["one", "two", "one", "one", "two", "two", "three", "one"];
		for (const text of texts) expect(textOf(decode(NAME, encode(NAME, entryOf(text))))).toBe(text);
	});

	test("of one name say nothing about another", () => {
		const { decode, encode } = subject();
		for (const _ of [1, 2, 3]) {
			expect(textOf(decode("things:1", encode("things:1", entryOf("one"))))).toBe("one");
			expect(textOf(decode("things:2", encode("things:2", entryOf("two"))))).toBe("two");
		}
	});

	test("39: with signing are believed under the name that was signed only, also where they are known", () => {
		const { decode, encode } = subject(createEntryCodec({ signingKeys: ["a key"] }));
		const bytes = encode("things:1", entryOf("one"));
		for (const _ of [1, 2, 3]) expect(textOf(decode("things:1", copy(bytes)))).toBe("one");
		const own = encode("things:2", entryOf("two"));
		for (const _ of [1, 2, 3]) {
			expect(decode("things:2", copy(bytes))).toBeUndefined();
			expect(textOf(decode("things:2", copy(own)))).toBe("two");
		}
		const forged = copy(bytes);
		forged[forged.byteLength - 1] = 0;
		expect(decode("things:1", forged)).toBeUndefined();
		expect(textOf(decode("things:1", copy(bytes)))).toBe("one");
	});
});

describe("bytes that cannot be read", () => {
	test("39: are tried each time, and do not put out what is known", () => {
		const { decode, encode, reads } = subject();
		const good = encode(NAME, entryOf("x"));
		for (const _ of [1, 2, 3]) expect(decode(NAME, new Uint8Array([1, 2, 3]))).toBeUndefined();
		expect(reads()).toBe(3);
		for (const _ of [1, 2]) decode(NAME, copy(good));
		reads();
		for (const _ of [1, 2]) expect(decode(NAME, new Uint8Array([1, 2, 3]))).toBeUndefined();
		expect(reads()).toBe(2);
		expect(textOf(decode(NAME, copy(good)))).toBe("x");
		expect(reads()).toBe(0);
	});
});

describe("what is kept to compare with", () => {
	test.each(["Buffer", "Uint8Array"])("44: is a copy, also of a %s that is a view on much more", (kind) => {
		const { decode, encode } = subject();
		const bytes = encode(NAME, entryOf("body"));
		const chunk = new Uint8Array(64 * 1024);
		chunk.set(bytes, 100);
		const view = () =>
			kind === "Buffer"
				? Buffer.from(chunk.buffer, 100, bytes.byteLength)
				: chunk.subarray(100, 100 + bytes.byteLength);
		decode(NAME, copy(bytes));
		const kept = decode(NAME, view());
		expect(kept?.body.buffer.byteLength).toBe(bytes.byteLength);
		chunk.fill(0);
		expect(textOf(kept)).toBe("body");
		expect(decode(NAME, copy(bytes))).toBe(kept as Entry);
	});

	test("44: is bounded by bytes; what was not asked for longest goes first and is read anew", () => {
		const { decode, encode, reads } = subject();
		const stored = Array.from({ length: 100 }, (_, index) => {
			const name = `things:${index}`;
			return { name, bytes: encode(name, entryOf(`${index} ${"x".repeat(100 * 1024)}`)) };
		});
		for (const { name, bytes } of stored) for (const _ of [1, 2]) decode(name, copy(bytes));
		expect(reads()).toBe(200);
		// 4 MiB are 40 of them.
		const newest = stored.slice(-35);
		for (const { name, bytes } of newest) decode(name, copy(bytes));
		expect(reads()).toBe(0);
		for (const { name, bytes } of stored.slice(0, 50)) decode(name, copy(bytes));
		expect(reads()).toBe(50);
	});

	test("44: is bounded by names", () => {
		const { decode, encode, reads } = subject();
		const bytes = encode(NAME, entryOf("x"));
		decode("first", copy(bytes));
		decode("first", copy(bytes));
		for (let index = 0; index < 5_000; index += 1) decode(`things:${index}`, copy(bytes));
		reads();
		decode("first", copy(bytes));
		decode("things:4999", copy(bytes));
		decode("things:4999", copy(bytes));
		expect(reads()).toBe(2);
	});

	test("44: is nothing of an entry that is larger than all of it, which is read each time", () => {
		const { decode, encode } = subject();
		const bytes = encode(NAME, entryOf("x".repeat(5 * 1024 * 1024)));
		for (const _ of [1, 2, 3, 4]) expect(decode(NAME, copy(bytes))?.length).toBe(5 * 1024 * 1024);
	});
});
