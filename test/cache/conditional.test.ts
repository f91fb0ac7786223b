import { describe, expect, test } from "bun:test";
import { encodedTag, entityTag, notModified } from "../../src/cache/http/conditional.ts";

const SELECTED = { status: 200, etag: '"abc"', lastModified: "Sun, 06 Nov 1994 08:49:37 GMT" };

function isCurrent(
	headers: Record<string, string>,
	{ method = "GET", ...selected }: Partial<typeof SELECTED> & { method?: string } = {},
): boolean {
	return notModified(method, new Headers(headers), { ...SELECTED, ...selected });
}

describe("an entity tag", () => {
	test("18: is strong, short, and equal for equal bytes only", () => {
		const tag = entityTag(Buffer.from("one"));
		expect(tag).toMatch(/^"[A-Za-z0-9_-]{22}"$/);
		expect(entityTag(Buffer.from("one"))).toBe(tag);
		expect(entityTag(Buffer.from("two"))).not.toBe(tag);
		expect(entityTag(new Uint8Array())).toMatch(/^"/);
	});

	test("18: is another one for the compressed bytes, derived from the first", () => {
		expect(encodedTag('"abc"', undefined)).toBe('"abc"');
		expect(encodedTag('"abc"', "gzip")).toBe('"abc-gz"');
		expect(encodedTag('""', "gzip")).toBe('"-gz"');
	});

	test("18: is the handler's own if that is strong", () => {
		const bytes = Buffer.from("one");
		expect(entityTag(bytes, '"v1, of 2"'.replaceAll(" ", "_"))).toBe('"v1,_of_2"');
		for (const other of ['W/"v1"', "v1", '"a"b"', '"a b"', "", null, undefined]) {
			expect(entityTag(bytes, other)).toBe(entityTag(bytes));
		}
	});
});

describe("a conditional request", () => {
	test.each(['"abc"', 'W/"abc"', ' "abc" ', '"x", "abc"', '"x,y" , W/"abc","z"', '"x""abc"', "*", " * "])(
		"18: with If-None-Match: %s is for what the client has",
		(header) => {
			expect(isCurrent({ "If-None-Match": header })).toBe(true);
		},
	);

	test.each(['"abd"', '"abc-gz"', "abc", '"ab", "c"', '"x*"', '"', "", "w/", '"ABC"', "*, x", "'abc'"])(
		"18: with If-None-Match: %s is for another answer",
		(header) => {
			expect(isCurrent({ "If-None-Match": header })).toBe(false);
		},
	);

	test("18: of HEAD counts, of any other method does not", () => {
		const headers = { "If-None-Match": "*", "If-Modified-Since": SELECTED.lastModified };
		expect(isCurrent(headers, { method: "HEAD" })).toBe(true);
		for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "QUERY"]) {
			expect(isCurrent(headers, { method })).toBe(false);
		}
	});

	test("18: does not count where the answer is no success", () => {
		for (const status of [301, 308]) expect(isCurrent({ "If-None-Match": "*" }, { status })).toBe(false);
		expect(isCurrent({ "If-None-Match": '"abc"' }, { status: 203 })).toBe(true);
	});

	test.each([
		["the same instant", "Sun, 06 Nov 1994 08:49:37 GMT", true],
		["a second before", "Sun, 06 Nov 1994 08:49:36 GMT", false],
		["a second after", "Sun, 06 Nov 1994 08:49:38 GMT", true],
		["the form of RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", true],
		["the form of asctime", "Sun Nov  6 08:49:37 1994", true],
		["the form of asctime, a second before", "Sun Nov  6 08:49:36 1994", false],
		["no date", "yesterday", false],
		["a date in another form", "2030-01-01", false],
		["a number", "1000000000000", false],
	])("18: with If-Modified-Since of %s", (_, header, expected) => {
		expect(isCurrent({ "If-Modified-Since": header })).toBe(expected);
	});

	test("18: with If-None-Match leaves If-Modified-Since unread", () => {
		const later = "Sun, 06 Nov 2050 08:49:37 GMT";
		expect(isCurrent({ "If-None-Match": '"other"', "If-Modified-Since": later })).toBe(false);
		expect(isCurrent({ "If-None-Match": "garbage", "If-Modified-Since": later })).toBe(false);
		const earlier = "Sun, 06 Nov 1970 08:49:37 GMT";
		expect(isCurrent({ "If-None-Match": '"abc"', "If-Modified-Since": earlier })).toBe(true);
	});

	test("18: cannot be answered by date where the answer has none", () => {
		const request = new Headers({ "If-Modified-Since": SELECTED.lastModified });
		expect(notModified("GET", request, { status: 200, etag: '"abc"' })).toBe(false);
		expect(notModified("GET", request, { status: 200, lastModified: "long ago" })).toBe(false);
	});

	test("without conditions gets the whole answer", () => {
		expect(isCurrent({})).toBe(false);
	});
});
