import { describe, expect, test } from "bun:test";
import { createEntryCodec, type Entry } from "../../src/cache/entry.ts";

const NAME = "areas:0123456789abcdef0123456789abcdef";
const ENTRY: Entry = {
	policy: "areas",
	digest: "d".repeat(64),
	status: 200,
	headers: [
		["content-type", "application/json"],
		["link", '</next>; rel="next"'],
	],
	storedAt: 1_000,
	freshUntil: 2_000,
	staleUntil: 3_000,
	staleIfErrorUntil: 4_000,
	fillMs: 12.5,
	tags: { "area:1": "aa/bb" },
	...bodyOf(Buffer.from('["Dubai Marina","مردف"]\n second line')),
	etag: '"abc"',
};

const plain = createEntryCodec();
const signed = createEntryCodec({ signingKeys: ["first key"] });

function bodyOf(body: Uint8Array): { body: Uint8Array; length: number } {
	return { body, length: body.byteLength };
}

/** The header line and the rest of an entry, newline included. */
function cut(bytes: Uint8Array): { header: Record<string, unknown>; rest: Buffer } {
	const end = bytes.indexOf(10);
	return {
		header: JSON.parse(Buffer.from(bytes.subarray(0, end)).toString()),
		rest: Buffer.from(bytes.subarray(end)),
	};
}

/** The same entry with its header line changed by hand. */
function tampered(
	change: (header: Record<string, unknown>) => void,
	bytes = plain.encode(NAME, ENTRY),
): Uint8Array {
	const { header, rest } = cut(bytes);
	change(header);
	return Buffer.concat([Buffer.from(JSON.stringify(header)), rest]);
}

describe("an entry", () => {
	test("20: comes back as it was stored, whatever bytes its body has", () => {
		const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
		for (const body of [ENTRY.body, everyByte, new Uint8Array(), Buffer.from("\n\n")]) {
			const entry = { ...ENTRY, ...bodyOf(body) };
			for (const codec of [plain, signed]) {
				const decoded = codec.decode(NAME, codec.encode(NAME, entry));
				expect(decoded).toEqual({ ...entry, body: expect.anything() });
				expect(Buffer.from(decoded?.body ?? []).equals(body)).toBe(true);
			}
		}
	});

	test("20: may be compressed, and knows how long it was before", () => {
		const entry: Entry = { ...ENTRY, coding: "gzip", length: 5_000 };
		expect(plain.decode(NAME, plain.encode(NAME, entry))).toMatchObject({ coding: "gzip", length: 5_000 });
	});

	test.each([200, 203, 301, 308])("10: may have the status %d", (status) => {
		expect(plain.decode(NAME, plain.encode(NAME, { ...ENTRY, status }))?.status).toBe(status);
	});

	test("21: begins with one readable line, signed or not", () => {
		for (const codec of [plain, signed]) {
			const { header, rest } = cut(codec.encode(NAME, ENTRY));
			expect(header).toMatchObject({
				v: 2,
				policy: "areas",
				status: 200,
				freshUntil: 2_000,
				tags: { "area:1": "aa/bb" },
			});
			expect(rest.subarray(1).toString()).toBe('["Dubai Marina","مردف"]\n second line');
		}
	});

	test("gives its body without copying it", () => {
		const bytes = plain.encode(NAME, ENTRY);
		expect(plain.decode(NAME, bytes)?.body.buffer).toBe(bytes.buffer);
	});

	test("is read from the middle of a larger buffer", () => {
		for (const codec of [plain, signed]) {
			const bytes = codec.encode(NAME, ENTRY);
			const larger = new Uint8Array(bytes.byteLength + 40).fill(0x7b);
			larger.set(bytes, 20);
			expect(codec.decode(NAME, larger.subarray(20, 20 + bytes.byteLength))?.digest).toBe(ENTRY.digest);
		}
	});

	test("39: is not recognised when it is cut off anywhere, or has a byte too many", () => {
		for (const codec of [plain, signed]) {
			const bytes = codec.encode(NAME, ENTRY);
			for (let length = 0; length < bytes.byteLength; length += 1) {
				expect(codec.decode(NAME, bytes.subarray(0, length))).toBeUndefined();
			}
			expect(codec.decode(NAME, Buffer.concat([bytes, Buffer.from("x")]))).toBeUndefined();
		}
	});

	test.each([
		["the version before", { v: 1 }],
		["the version after", { v: 3 }],
		["no policy", { policy: undefined }],
		["a digest that is no text", { digest: 1 }],
		["a missing instant", { freshUntil: undefined }],
		["an instant that is text", { storedAt: "1000" }],
		["a missing end of standing in for failures", { staleIfErrorUntil: null }],
		["a fill time below 0", { fillMs: -1 }],
		["a status that is text", { status: "200" }],
		["a status that is not kept", { status: 204 }],
		["a status of a failure", { status: 500 }],
		["headers that are no pairs", { headers: [["a"]] }],
		["headers that are text", { headers: ["ab"] }],
		["headers that are no list", { headers: { a: "b" } }],
		["a header name that is none", { headers: [["bad header", "x"]] }],
		["a header value with a line break", { headers: [["x-a", "1\r\nSet-Cookie: a=b"]] }],
		["a header value beyond latin1", { headers: [["x-a", "مردف"]] }],
		["a mark that is no text", { tags: { a: 1 } }],
		["tags that are a list", { tags: ["a"] }],
		["no tags", { tags: null }],
		["another length of the stored bytes", { bytes: 1 }],
		["another length than that of the bytes", { length: 1 }],
		["a length below 0", { length: -1, coding: "gzip" }],
		["a length that is no whole number", { length: 1.5, coding: "gzip" }],
		["a length that nothing could be compressed from", { length: 1e9, coding: "gzip" }],
		["a length beyond all numbers", { length: 1e300, coding: "gzip" }],
		["an unknown coding", { coding: "br" }],
		["a weak entity tag", { etag: 'W/"a"' }],
		["an entity tag with a line break", { etag: '"a\r\nx: y"' }],
	])("39: is not recognised with %s", (_, change) => {
		expect(
			plain.decode(
				NAME,
				tampered((header) => Object.assign(header, change)),
			),
		).toBeUndefined();
	});

	test("39: is not recognised with an instant beyond all numbers", () => {
		const text = Buffer.from(plain.encode(NAME, ENTRY)).toString("latin1");
		const endless = Buffer.from(text.replace('"freshUntil":2000', '"freshUntil":1e999'), "latin1");
		expect(plain.decode(NAME, endless)).toBeUndefined();
	});

	test("39: is not recognised with bytes in its line that are no UTF-8", () => {
		const text = Buffer.from(plain.encode(NAME, ENTRY)).toString("latin1");
		const broken = Buffer.from(text.replace('"areas"', '"are\xffas"'), "latin1");
		expect(plain.decode(NAME, broken)).toBeUndefined();
	});

	test("39: from foreign hands leaves prototypes alone and brings no further members", () => {
		const bytes = tampered((header) => {
			for (const target of [header, header["tags"] as object]) {
				Object.defineProperty(target, "constructor", { value: "x/y", enumerable: true });
			}
			Object.defineProperty(header, "__proto__", { value: { polluted: true }, enumerable: true });
			header["extra"] = 1;
		});
		const entry = plain.decode(NAME, bytes);
		expect(Object.keys(entry ?? {}).sort()).toEqual(Object.keys(ENTRY).sort());
		expect(Object.getPrototypeOf(entry)).toBe(Object.prototype);
		expect((entry as unknown as Record<string, unknown>)["polluted"]).toBeUndefined();
		expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
	});

	test("8, 39: may have tags of any name, and none that it was not given", () => {
		const names = ["__proto__", "constructor", "toString", "", "a\0b", "🏠", "\ud800"];
		const tags = Object.fromEntries(names.map((name) => [name, `mark of ${name.length}/1`]));
		const decoded = plain.decode(NAME, plain.encode(NAME, { ...ENTRY, tags }));
		expect(Object.entries(decoded?.tags ?? {})).toEqual(Object.entries(tags));
		const without = plain.decode(NAME, plain.encode(NAME, ENTRY));
		expect(names.map((name) => without?.tags[name])).toEqual(names.map(() => undefined));
	});

	test("39: is not recognised in arbitrary bytes", () => {
		const deep = `${"[".repeat(60_000)}\n`;
		for (const text of [
			"",
			"\n",
			"null\n",
			"[]\n",
			"{",
			"{}\n",
			"\xff\xfe\n",
			'"text"\nbody',
			deep,
			"x".repeat(200_000),
		]) {
			for (const codec of [plain, signed]) {
				expect(codec.decode(NAME, Buffer.from(text, "latin1"))).toBeUndefined();
			}
		}
	});

	test("39: with any one byte changed is never another entry's body, and never an error", () => {
		const bytes = plain.encode(NAME, ENTRY);
		for (let index = 0; index < bytes.byteLength; index += 1) {
			const changed = bytes.slice();
			changed[index] = (changed[index] ?? 0) ^ 0x15;
			expect(() => plain.decode(NAME, changed)).not.toThrow();
			expect(signed.decode(NAME, changed)).toBeUndefined();
		}
	});

	test("with headers that could not be read back is not written", () => {
		const headers: Entry["headers"] = [["x-long", "x".repeat(70_000)]];
		expect(() => plain.encode(NAME, { ...ENTRY, headers })).toThrow(RangeError);
	});
});

describe("a signed entry", () => {
	const bytes = signed.encode(NAME, ENTRY);

	test("39: is refused with any one byte changed, wherever it is", () => {
		for (let index = 0; index < bytes.byteLength; index += 1) {
			const changed = bytes.slice();
			changed[index] = (changed[index] ?? 0) ^ 1;
			expect(signed.decode(NAME, changed)).toBeUndefined();
		}
	});

	test.each([
		["policy", { policy: "other" }],
		["version", { v: 1 }],
		["marks", { tags: { "area:1": "cc/dd" } }],
		["instants", { freshUntil: 9_000 }],
		["headers", { headers: [["content-type", "text/html"]] }],
		["digest", { digest: "e".repeat(64) }],
		["tags, by one more member", { note: 1 }],
	])("39: covers its %s", (_, change) => {
		expect(
			signed.decode(
				NAME,
				tampered(() => {}, bytes),
			),
		).toBeDefined();
		expect(
			signed.decode(
				NAME,
				tampered((header) => Object.assign(header, change), bytes),
			),
		).toBeUndefined();
	});

	test("39: is refused under another name", () => {
		expect(signed.decode(`${NAME}0`, bytes)).toBeUndefined();
		expect(signed.decode("users:0123456789abcdef0123456789abcdef", bytes)).toBeUndefined();
	});

	test("39: is a miss where it carries no signature, an empty one, or one by an unknown key", () => {
		expect(signed.decode(NAME, plain.encode(NAME, ENTRY))).toBeUndefined();
		expect(
			signed.decode(
				NAME,
				tampered((header) => Object.assign(header, { signature: "" }), bytes),
			),
		).toBeUndefined();
		const other = createEntryCodec({ signingKeys: ["another key"] });
		expect(other.decode(NAME, bytes)).toBeUndefined();
	});

	test("39: is accepted with either key while they are rotated, and signed with the first", () => {
		const rotating = createEntryCodec({ signingKeys: ["second key", "first key"] });
		const second = createEntryCodec({ signingKeys: ["second key"] });
		expect(rotating.decode(NAME, bytes)).toBeDefined();
		expect(second.decode(NAME, rotating.encode(NAME, ENTRY))).toBeDefined();
		expect(signed.decode(NAME, rotating.encode(NAME, ENTRY))).toBeUndefined();
	});

	test("39: is read like any other where no keys are set", () => {
		expect(plain.decode(NAME, bytes)?.digest).toBe(ENTRY.digest);
	});

	test("39: is checked before anything in it is read", () => {
		const parse = JSON.parse;
		let parsed = 0;
		JSON.parse = (...args: Parameters<typeof parse>) => {
			parsed += 1;
			return parse(...args);
		};
		try {
			signed.decode(NAME, plain.encode(NAME, ENTRY));
			signed.decode("elsewhere", bytes);
			expect(parsed).toBe(0);
			signed.decode(NAME, bytes);
			expect(parsed).toBe(1);
		} finally {
			JSON.parse = parse;
		}
	});

	test("cannot be asked for with an empty key", () => {
		expect(() => createEntryCodec({ signingKeys: [""] })).toThrow("must not be empty");
	});
});
