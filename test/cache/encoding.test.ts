import { describe, expect, test } from "bun:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Answer } from "../../src/cache/answer.ts";
import { acceptsGzip, compressed, decoded, Undecodable } from "../../src/cache/http/encoding.ts";

const MiB = 1024 * 1024;
const JSON_TYPE = { "Content-Type": "application/json" };
const LONG = Buffer.from(JSON.stringify(Array.from({ length: 400 }, (_, id) => ({ id, area: "مردف" }))));

function toStored(bytes: Uint8Array, headers: Record<string, string> = JSON_TYPE, maxBytes = MiB) {
	return compressed(bytes, new Headers(headers), maxBytes);
}

function answer(body: Uint8Array, length: number): Answer {
	return { status: 200, headers: [], body, coding: "gzip", length };
}

async function failure(work: unknown): Promise<unknown> {
	return Promise.resolve(work).then(
		() => "no failure",
		(error) => (error instanceof Undecodable ? error.reason : error),
	);
}

describe("a body to be stored", () => {
	test("20: over 1 KiB is compressed once, and comes back byte for byte", async () => {
		const stored = await toStored(LONG);
		expect(stored).toMatchObject({ coding: "gzip", length: LONG.byteLength });
		expect(stored.body.byteLength).toBeLessThan(LONG.byteLength / 3);
		expect(gunzipSync(stored.body).equals(LONG)).toBe(true);
		expect(stored.plain).toBe(LONG);
		expect(Buffer.from(await decoded({ ...answer(stored.body, stored.length) }, MiB)).equals(LONG)).toBe(
			true,
		);
	});

	test("20: of up to 1 KiB stays as it is, an empty one too", async () => {
		for (const size of [0, 1, 1024]) {
			const bytes = new Uint8Array(size).fill(97);
			const stored = await toStored(bytes);
			expect(stored).toEqual({ body: bytes, length: size, plain: bytes });
			expect(stored.body).toBe(bytes);
		}
		expect((await toStored(new Uint8Array(1025).fill(97))).coding).toBe("gzip");
	});

	test.each([
		["text/html", true],
		["text/plain; charset=utf-8", true],
		["application/json; charset=utf-8", true],
		["Application/Problem+JSON", true],
		["application/xml", true],
		["application/atom+xml", true],
		["application/javascript", true],
		["image/svg+xml", true],
		["image/png", false],
		["application/zip", false],
		["application/octet-stream", false],
		["application/jsonp-not", false],
	])("20: of type %s: compressed %p", async (type, expected) => {
		expect((await toStored(LONG, { "Content-Type": type })).coding !== undefined).toBe(expected);
	});

	test("20: of no known type stays as it is", async () => {
		expect((await toStored(LONG, {})).coding).toBeUndefined();
	});

	test("20: stays as it is where the handler forbids changing it", async () => {
		const stored = await toStored(LONG, { ...JSON_TYPE, "Cache-Control": "max-age=5, No-Transform" });
		expect(stored.coding).toBeUndefined();
	});

	test.each(["Content-Digest", "Repr-Digest", "Digest", "Content-MD5"])(
		"20: stays as it is where the handler sends a %s of it",
		async (name) => {
			expect((await toStored(LONG, { ...JSON_TYPE, [name]: "sha-256=:eA==:" })).coding).toBeUndefined();
		},
	);

	test("20: stays as it is where compressing does not make it smaller", async () => {
		const noise = crypto.getRandomValues(new Uint8Array(4096));
		expect((await toStored(noise)).body).toBe(noise);
	});

	test("20: that the handler compressed itself is not compressed again", async () => {
		for (const coding of ["gzip", "x-gzip", "GZIP"]) {
			const bytes = gzipSync(LONG);
			const stored = await toStored(bytes, { ...JSON_TYPE, "Content-Encoding": coding });
			expect(stored).toMatchObject({ coding: "gzip", length: LONG.byteLength });
			expect(stored.body).toBe(bytes);
			expect(Buffer.from(stored.plain).equals(LONG)).toBe(true);
		}
	});

	test("20: that the handler compressed is measured by what it was before", async () => {
		const bytes = gzipSync(LONG);
		const headers = { "Content-Encoding": "gzip" };
		expect((await toStored(bytes, headers, LONG.byteLength)).length).toBe(LONG.byteLength);
		expect(await failure(toStored(bytes, headers, LONG.byteLength - 1))).toBe("too-large");
		expect(await failure(toStored(LONG, JSON_TYPE, LONG.byteLength - 1))).toBe("too-large");
	});

	test("20: that only claims to be compressed is told apart", async () => {
		const headers = { "Content-Encoding": "gzip" };
		for (const bytes of [
			LONG,
			new Uint8Array(),
			gzipSync(LONG).subarray(0, 40),
			gzipSync(LONG).subarray(0, -1),
		]) {
			expect(await failure(toStored(bytes, headers))).toBe("content-encoding");
		}
	});

	test("20: may be nothing, compressed", async () => {
		const stored = await toStored(gzipSync(""), { "Content-Encoding": "gzip" });
		expect(stored).toMatchObject({ coding: "gzip", length: 0 });
		expect((await decoded(answer(stored.body, 0), MiB)).byteLength).toBe(0);
	});
});

describe("a stored body", () => {
	test("39: that is a decompression bomb is cut off at its declared length, and at the bound", async () => {
		const bomb = gzipSync(new Uint8Array(200 * MiB), { level: 9 });
		expect(bomb.byteLength).toBeLessThan(MiB);
		const before = process.memoryUsage().rss;
		const begun = performance.now();
		expect(await failure(decoded(answer(bomb, 1_000), MiB))).toBe("too-large");
		expect(await failure(decoded(answer(bomb, 200 * MiB), MiB))).toBe("too-large");
		expect(await failure(toStored(bomb, { "Content-Encoding": "gzip" }))).toBe("too-large");
		expect(performance.now() - begun).toBeLessThan(1_000);
		expect(process.memoryUsage().rss - before).toBeLessThan(64 * MiB);
	});

	test("39: that is broken, cut off, or not as long as it should be is told apart", async () => {
		const body = gzipSync(LONG);
		const broken = Buffer.from(body);
		broken[broken.byteLength - 6] = (broken[broken.byteLength - 6] ?? 0) ^ 1;
		for (const bad of [broken, body.subarray(0, -5), Buffer.from("no gzip"), Buffer.alloc(0)]) {
			expect(await failure(decoded(answer(bad, LONG.byteLength), MiB))).toBe("content-encoding");
		}
		expect(await failure(decoded(answer(body, LONG.byteLength + 1), MiB))).toBe("content-encoding");
		expect(await failure(decoded(answer(body, LONG.byteLength - 1), MiB))).toBe("too-large");
	});

	test("that is not compressed is given as it is", async () => {
		expect(await decoded({ status: 200, headers: [], body: LONG, length: LONG.byteLength }, MiB)).toBe(LONG);
	});
});

describe("a client", () => {
	test.each([
		"gzip",
		"GZip",
		"x-gzip",
		"gzip, deflate, br, zstd",
		"deflate , gzip;q=0.5",
		"br;q=1.0, gzip;q=0.001",
		"*",
		"br, *;q=0.1",
		"gzip;q=0.5, *;q=0",
		"gzip;q=0.5, identity;q=0.5",
		"identity;q=0, gzip",
		"identity;q=0, *",
	])("20: gets gzip with Accept-Encoding: %s", (header) => {
		expect(acceptsGzip(header)).toBe(true);
	});

	test.each([
		"",
		"identity",
		"br",
		"gzip;q=0",
		"gzip; Q=0.000",
		"gzip;q=0, *",
		"*;q=0",
		"deflate, *;q=0",
		"gzip;q=0.1, identity",
		"gzip;q=0.2, *;q=0.8",
		"not-gzip",
		"gzipped",
		",;=",
	])("20: gets the plain bytes with Accept-Encoding: %s", (header) => {
		expect(acceptsGzip(header)).toBe(false);
	});

	test("20: gets the same each time, however many others have asked in other ways meanwhile", () => {
		const long = `gzip;q=0.5, identity;q=0.6, ${"x".repeat(300)}`;
		for (const _ of [1, 2, 3]) {
			expect(acceptsGzip("br;q=1.0, gzip;q=0.7")).toBe(true);
			expect(acceptsGzip("gzip;q=0.7, identity")).toBe(false);
			for (const __ of [1, 2]) {
				expect([acceptsGzip(long), acceptsGzip(long.replace("0.6", "0.4"))]).toEqual([false, true]);
			}
			for (let count = 0; count < 150; count += 1) {
				expect(acceptsGzip(`gzip;q=${count % 2}, x-${count}`)).toBe(count % 2 === 1);
			}
		}
	});

	test("20: gets the plain bytes without the header", () => {
		expect([acceptsGzip(null), acceptsGzip(undefined)]).toEqual([false, false]);
	});
});
