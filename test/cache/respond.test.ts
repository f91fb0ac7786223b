import { describe, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import type { Entry } from "../../src/cache/entry.ts";
import { entityTag } from "../../src/cache/http/conditional.ts";
import { compressed, Undecodable } from "../../src/cache/http/encoding.ts";
import { createRespond } from "../../src/cache/http/respond.ts";
import { type PolicyOptions, resolvePolicy } from "../../src/cache/policy.ts";
import { WAYS_TO_READ } from "./support/entries.ts";

const TEXT = JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, area: "Dubai Marina مردف" })));
const STORED_AT = Date.parse("2026-08-01T08:00:00Z");

async function entryOf(text: string, more: Partial<Entry> = {}): Promise<Entry> {
	const bytes = new TextEncoder().encode(text);
	const headers: Entry["headers"] = [["content-type", "application/json"], ...(more.headers ?? [])];
	const { plain, ...stored } = await compressed(
		bytes,
		new Headers({ "content-type": "application/json" }),
		1e6,
	);
	return {
		policy: "areas",
		digest: "d".repeat(64),
		status: 200,
		storedAt: STORED_AT,
		freshUntil: STORED_AT + 60_900,
		staleUntil: STORED_AT + 60_900,
		staleIfErrorUntil: STORED_AT + 60_900,
		fillMs: 5,
		tags: {},
		etag: entityTag(plain),
		...stored,
		...more,
		headers,
	};
}

interface Asked extends Partial<Omit<PolicyOptions, "name" | "prefix" | "ttl">> {
	method?: string;
	headers?: Record<string, string>;
}

function asked(entry: Entry, { method = "GET", headers = {}, ...options }: Asked = {}) {
	const policy = resolvePolicy({ name: "areas", prefix: "areas:", ttl: 60, scope: "shared", ...options });
	const request = { method, headers: new Headers(headers) };
	return createRespond(policy)(entry, request, {
		validated: () => [],
		ageS: 7,
		cacheStatus: "RetynAVM;hit;ttl=53",
	});
}

const GZIP = { "Accept-Encoding": "gzip, br" };
const long = await entryOf(TEXT);
const short = await entryOf('{"a":1}');
const own = '"0123456789012345678901"';

describe("an answer from an entry", () => {
	test("20: is sent as stored, at once, to a client that takes it", async () => {
		const response = asked(long, { headers: GZIP }) as Response;
		expect(response).toBeInstanceOf(Response);
		expect(response.headers.get("content-encoding")).toBe("gzip");
		const bytes = new Uint8Array(await response.arrayBuffer());
		expect(Buffer.from(bytes).equals(long.body)).toBe(true);
		expect(response.headers.get("content-length")).toBe(String(long.body.byteLength));
		expect(gunzipSync(bytes).toString()).toBe(TEXT);
	});

	test("20: is decompressed for one that does not", async () => {
		for (const headers of [{}, { "Accept-Encoding": "gzip;q=0, *" }, { "Accept-Encoding": "br" }] as Record<
			string,
			string
		>[]) {
			const response = await asked(long, { headers });
			expect(response.headers.get("content-encoding")).toBeNull();
			expect(response.headers.get("content-length")).toBe(String(Buffer.byteLength(TEXT)));
			expect(await response.text()).toBe(TEXT);
		}
	});

	test("20: that is stored plain is sent plain, also to a client that takes gzip", async () => {
		const response = await asked(short, { headers: GZIP });
		expect(response.headers.get("content-encoding")).toBeNull();
		expect(await response.text()).toBe('{"a":1}');
	});

	test("20: forgets the coding that the handler had sent it with", async () => {
		const entry = {
			...long,
			headers: [...long.headers, ["Content-Encoding", "gzip"], ["content-length", "1"]] as const,
		};
		const response = await asked(entry);
		expect(response.headers.get("content-encoding")).toBeNull();
		expect(response.headers.get("content-length")).toBe(String(Buffer.byteLength(TEXT)));
		expect((await asked(entry, { headers: GZIP })).headers.get("content-encoding")).toBe("gzip");
	});

	test("39: whose stored bytes are broken rejects, so that it can be taken for a miss", async () => {
		const broken = { ...long, body: long.body.subarray(0, -9) };
		await expect(Promise.resolve(asked(broken))).rejects.toBeInstanceOf(Undecodable);
		await expect(Promise.resolve(asked(long, { maxEntryBytes: 10 }))).rejects.toBeInstanceOf(Undecodable);
	});

	test("1: leaves the stored bytes alone, whatever is done with it", async () => {
		const before = Buffer.from(short.body).toString("hex");
		for (const read of WAYS_TO_READ) {
			const bytes = await read(await asked(short));
			bytes?.fill(0);
			if (bytes) structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
			expect(Buffer.from(short.body).toString("hex")).toBe(before);
		}
	});

	test("10: has the stored status and headers", async () => {
		const moved = {
			...short,
			status: 308,
			headers: [
				["location", "/there"],
				["x-a", "1"],
				["X-A", "2"],
			] as const,
		};
		const response = await asked(moved);
		expect(response.status).toBe(308);
		expect([response.headers.get("location"), response.headers.get("x-a")]).toEqual(["/there", "1, 2"]);
		expect(response.headers.get("cache-status")).toBe("RetynAVM;hit;ttl=53");
	});

	test("15: tells browsers to ask again where callers sign in", async () => {
		const { headers } = await asked(short);
		expect(headers.get("cache-control")).toBe("private, no-cache");
		expect([headers.get("age"), headers.get("date")]).toEqual(["7", "Sat, 01 Aug 2026 08:00:00 GMT"]);
		expect(headers.get("etag")).toBe(short.etag ?? "");
	});

	test("15: tells the public its full time once, with the stored date and the age", async () => {
		const { headers } = await asked(short, { audience: "public" });
		expect(headers.get("cache-control")).toBe("public, max-age=60");
		expect([headers.get("age"), headers.get("date")]).toEqual(["7", "Sat, 01 Aug 2026 08:00:00 GMT"]);
	});

	test.each([
		["max-age=20", "public, max-age=20"],
		["max-age=20, s-maxage=60", "public, max-age=20"],
		["max-age=600", "public, max-age=60"],
		["s-maxage=60", "public, max-age=60"],
		["max-age=60, Must-Revalidate, no-transform", "public, max-age=60, must-revalidate, no-transform"],
	])("15: passes on what the handler demanded by %s", async (said, expected) => {
		const entry = await entryOf("{}", { headers: [["cache-control", said]] });
		expect((await asked(entry, { audience: "public" })).headers.get("cache-control")).toBe(expected);
		expect((await asked(entry)).headers.get("cache-control")).toStartWith("private, no-cache");
	});

	test("17: names in Vary what selects it", async () => {
		const vary = async (options: Asked, said?: string) =>
			(await asked(said ? await entryOf("{}", { headers: [["vary", said]] }) : short, options)).headers.get(
				"vary",
			);
		expect(await vary({})).toBe("Accept-Encoding, Authorization, Cookie");
		expect(await vary({ audience: "public" })).toBe("Accept-Encoding");
		expect(await vary({ vary: ["X-Tenant"] })).toBe("Accept-Encoding, Authorization, Cookie, x-tenant");
		expect(
			await vary({ audience: "public", vary: ["Accept-Language"] }, "accept-encoding, Accept-Language, X-B"),
		).toBe("Accept-Encoding, accept-language, X-B");
		expect(await vary({ method: "POST" })).toBe("Accept-Encoding, Authorization, Cookie");
	});
});

describe("a conditional request for an entry", () => {
	const [plainTag, gzipTag] = [long.etag ?? "", (long.etag ?? "").replace(/"$/, '-gz"')];

	test("18: sees another strong tag on each encoding", async () => {
		expect(plainTag).toMatch(/^"[\w-]{22}"$/);
		expect((await asked(long)).headers.get("etag")).toBe(plainTag);
		expect((await asked(long, { headers: GZIP })).headers.get("etag")).toBe(gzipTag);
		expect((await asked(short, { headers: GZIP })).headers.get("etag")).toBe(short.etag ?? "");
	});

	test("18: is compared with the encoding that it would get", async () => {
		const status = async (headers: Record<string, string>) => (await asked(long, { headers })).status;
		expect(await status({ "If-None-Match": plainTag })).toBe(304);
		expect(await status({ "If-None-Match": gzipTag })).toBe(200);
		expect(await status({ ...GZIP, "If-None-Match": gzipTag })).toBe(304);
		expect(await status({ ...GZIP, "If-None-Match": plainTag })).toBe(200);
		expect(await status({ ...GZIP, "If-None-Match": `W/${gzipTag}, ${own}` })).toBe(304);
		expect(await status({ ...GZIP, "If-None-Match": "*" })).toBe(304);
	});

	test("18: gets 304 without a body, with what it needs to keep its own copy", async () => {
		const lastModified = "Fri, 31 Jul 2026 08:00:00 GMT";
		const entry = await entryOf(TEXT, {
			headers: [
				["last-modified", lastModified],
				["expires", "Sat, 01 Aug 2026 08:01:00 GMT"],
				["content-location", "/areas?page=1"],
				["content-language", "en"],
			],
		});
		for (const condition of [{ "If-None-Match": "*" }, { "If-Modified-Since": lastModified }] as Record<
			string,
			string
		>[]) {
			for (const method of ["GET", "HEAD"]) {
				const response = asked(entry, { method, headers: condition }) as Response;
				expect(response.status).toBe(304);
				expect(response.body).toBeNull();
				expect(Object.fromEntries(response.headers)).toEqual({
					age: "7",
					"cache-control": "private, no-cache",
					"cache-status": "RetynAVM;hit;ttl=53",
					"content-location": "/areas?page=1",
					date: "Sat, 01 Aug 2026 08:00:00 GMT",
					etag: plainTag,
					expires: "Sat, 01 Aug 2026 08:01:00 GMT",
					"last-modified": lastModified,
					vary: "Accept-Encoding, Authorization, Cookie",
				});
			}
		}
	});

	test("18: goes by If-None-Match, not by the date, where it has both", async () => {
		const entry = await entryOf("{}", { headers: [["last-modified", "Fri, 31 Jul 2026 08:00:00 GMT"]] });
		const headers = { "If-None-Match": own, "If-Modified-Since": "Fri, 31 Jul 2026 08:00:00 GMT" };
		expect((await asked(entry, { headers })).status).toBe(200);
	});

	test("18: that is a POST gets the whole answer", async () => {
		const response = await asked(long, { method: "POST", headers: { "If-None-Match": "*" } });
		expect(response.status).toBe(200);
		expect(await response.text()).toBe(TEXT);
	});

	test("18: for an entry without a tag gets the whole answer, and no tag", async () => {
		const { etag: _, ...untagged } = short;
		const response = await asked(untagged, { headers: { "If-None-Match": own } });
		expect([response.status, response.headers.get("etag")]).toEqual([200, null]);
	});
});

describe("HEAD of an entry", () => {
	test("5, 18: has GET's headers and no body, and decompresses nothing", async () => {
		for (const entry of [long, short]) {
			for (const headers of [{}, GZIP] as Record<string, string>[]) {
				const get = await asked(entry, { headers });
				const head = asked(entry, { method: "HEAD", headers }) as Response;
				expect(head).toBeInstanceOf(Response);
				expect([head.status, head.body]).toEqual([200, null]);
				const compared = Object.fromEntries(get.headers);
				expect(Object.fromEntries(head.headers)).toEqual(compared);
			}
		}
	});

	test("15, 18: over the wire has GET's Content-Length, and one Date: the stored one", async () => {
		const server = Bun.serve({
			port: 0,
			fetch: (request) =>
				asked(long, { method: request.method, headers: Object.fromEntries(request.headers) }),
		});
		try {
			const fetched = (method: string) =>
				fetch(server.url, { method, headers: { "Accept-Encoding": "identity" } });
			const [get, head] = [await fetched("GET"), await fetched("HEAD")];
			expect(await get.text()).toBe(TEXT);
			expect(await head.text()).toBe("");
			for (const { headers } of [get, head]) {
				expect(headers.get("content-length")).toBe(String(Buffer.byteLength(TEXT)));
				expect(headers.get("date")).toBe("Sat, 01 Aug 2026 08:00:00 GMT");
			}
		} finally {
			await server.stop(true);
		}
	});
});
