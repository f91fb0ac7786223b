import { describe, expect, test } from "bun:test";
import { decodeEntry, type Entry, encodeEntry } from "../../src/cache/entry.ts";
import { freshness } from "../../src/cache/freshness.ts";

const ENTRY: Entry = {
	policy: "areas",
	digest: "d".repeat(64),
	status: 200,
	headers: [["content-type", "application/json"]],
	storedAt: 1_000,
	freshUntil: 2_000,
	staleUntil: 3_000,
	tags: { "area:1": "g1" },
	body: new TextEncoder().encode('["Dubai Marina","مردف"]\n second line'),
};

/** The same entry with its header line changed by hand. */
function tampered(change: (header: Record<string, unknown>) => void): Uint8Array {
	const bytes = Buffer.from(encodeEntry(ENTRY));
	const end = bytes.indexOf("\n");
	const header = JSON.parse(bytes.subarray(0, end).toString());
	change(header);
	return Buffer.concat([Buffer.from(JSON.stringify(header)), bytes.subarray(end)]);
}

describe("an entry", () => {
	test("comes back as it was stored, whatever bytes its body has", () => {
		const body = Uint8Array.from({ length: 256 }, (_, index) => index);
		for (const entry of [ENTRY, { ...ENTRY, body }, { ...ENTRY, body: new Uint8Array() }]) {
			expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
		}
	});

	test("begins with one readable line", () => {
		const [line = ""] = Buffer.from(encodeEntry(ENTRY)).toString().split("\n");
		expect(JSON.parse(line)).toMatchObject({ policy: "areas", status: 200, tags: { "area:1": "g1" } });
	});

	test("is not recognised when it is cut off anywhere", () => {
		const bytes = encodeEntry(ENTRY);
		for (let length = 0; length < bytes.byteLength; length += 1) {
			expect(decodeEntry(bytes.subarray(0, length))).toBeUndefined();
		}
	});

	test.each([
		["another version", { v: 2 }],
		["a missing instant", { freshUntil: undefined }],
		["a wrong type", { status: "200" }],
		["headers that are no pairs", { headers: [["a"]] }],
		["a generation that is no text", { tags: { a: 1 } }],
		["another length", { length: 1 }],
		["a status that is not kept", { status: 204 }],
		["a header name that is none", { headers: [["bad header", "x"]] }],
		["a header value with a line break", { headers: [["x-a", "1\r\nSet-Cookie: a=b"]] }],
	])("is not recognised with %s", (_, change) => {
		expect(decodeEntry(tampered((header) => Object.assign(header, change)))).toBeUndefined();
	});

	test("from foreign hands leaves prototypes alone and brings no further members", () => {
		const bytes = tampered((header) => {
			Object.defineProperty(header, "__proto__", { value: { polluted: true }, enumerable: true });
			header["extra"] = 1;
		});
		expect(decodeEntry(bytes)).toEqual(ENTRY);
		expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
	});

	test("is not recognised in arbitrary bytes", () => {
		for (const bytes of ["", "\n", "null\n", "[]\n", "{", "\xff\xfe\n", '"text"\nbody']) {
			expect(decodeEntry(Buffer.from(bytes, "latin1"))).toBeUndefined();
		}
	});

	test("is fresh, then stale, then expired", () => {
		expect([1_999, 2_000, 2_999, 3_000].map((now) => freshness(ENTRY, now))).toEqual([
			"fresh",
			"stale",
			"stale",
			"expired",
		]);
	});
});
