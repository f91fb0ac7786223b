import { describe, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { Undecodable } from "../../src/cache/http/encoding.ts";
import { createRespond } from "../../src/cache/http/respond.ts";
import { type Asked, ask, GZIP, HUGE, LONG, POLICY, SHORT, WAYS_TO_READ } from "./support/entries.ts";
import { seededRandom } from "./support/random.ts";

async function whole(response: Response | Promise<Response>) {
	const { status, headers, body } = await response;
	const bytes = body && Buffer.from(await new Response(body).arrayBuffer()).toString("latin1");
	return { status, headers: Object.fromEntries(headers), bytes };
}

describe("an entry that is sent again and again", () => {
	const make = () => createRespond(POLICY);

	test("15: tells the age and the time that remains as they are each time, forwards and back", async () => {
		const respond = make();
		for (const ageS of [0, 0, 1, 1, 59, 3, 3, 0]) {
			for (const entry of [SHORT, LONG]) {
				const { headers } = await ask(respond, entry, { ageS });
				expect([headers.get("age"), headers.get("cache-status")]).toEqual([
					`${ageS}`,
					`RetynAVM;hit;ttl=${60 - ageS}`,
				]);
			}
		}
	});

	test("16: tells how it came about each time, also within one second", async () => {
		const respond = make();
		for (const cacheStatus of ["RetynAVM;hit;ttl=53", "RetynAVM;fwd=stale", "RetynAVM;hit;ttl=53"]) {
			for (const headers of [{}, GZIP, { "If-None-Match": "*" }] as Record<string, string>[]) {
				const answer = await ask(respond, LONG, { headers, cacheStatus });
				expect(answer.headers.get("cache-status")).toBe(cacheStatus);
			}
		}
	});

	test("1: has the same headers for the next one, whatever was done to the last one's", async () => {
		const respond = make();
		const forms: Asked[] = [
			{},
			{ headers: GZIP },
			{ method: "HEAD" },
			{ method: "HEAD", headers: GZIP },
			{ method: "POST" },
			{ method: "POST", headers: GZIP },
			{ headers: { "If-None-Match": "*" } },
		];
		for (const entry of [SHORT, LONG]) {
			for (const form of forms) {
				const before = await whole(ask(respond, entry, form));
				const { headers } = await ask(respond, entry, form);
				for (const field of [...headers.keys()]) headers.delete(field);
				headers.set("Age", "1000");
				headers.append("Set-Cookie", "a=b");
				headers.set("Cache-Control", "public, max-age=1000");
				expect(await whole(ask(respond, entry, form))).toEqual(before);
			}
		}
	});

	test("1: has headers of its own also where the platform's answers keep the ones that they are given", async () => {
		const { Response: Own } = globalThis;
		class Keeping extends Own {
			readonly #given: Headers | undefined;
			constructor(body?: BodyInit | null, init?: ResponseInit) {
				super(body, init);
				this.#given = init?.headers instanceof Headers ? init.headers : undefined;
			}
			override get headers() {
				return (this.#given ?? super.headers) as Response["headers"];
			}
		}
		globalThis.Response = Keeping as unknown as typeof Own;
		try {
			const respond = make();
			for (const form of [
				{},
				{ headers: GZIP },
				{ method: "HEAD" },
				{ headers: { "If-None-Match": "*" } },
			] as Asked[]) {
				const mine = (await ask(respond, LONG, form)).headers;
				mine.append("Set-Cookie", "session=alice");
				mine.set("Cache-Control", "private");
				const { headers } = await ask(respond, LONG, form);
				expect(headers.get("set-cookie")).toBeNull();
				expect(headers.get("cache-control")).not.toBe("private");
			}
		} finally {
			globalThis.Response = Own;
		}
	});

	test("5, 18, 20: is sent in each form as it would be the first time, in any order of 600", async () => {
		const respond = make();
		const random = seededRandom(7);
		const pick = <T>(among: readonly T[]): T => among[Math.floor(random() * among.length)] as T;
		const entries = [SHORT, LONG, HUGE, { ...LONG, status: 203 }, { ...SHORT, headers: [] }];
		for (let count = 0; count < 600; count += 1) {
			const entry = pick(entries);
			const tag = entry.etag ?? "";
			const form: Asked = {
				method: pick(["GET", "GET", "HEAD", "POST", "QUERY"]),
				headers: {
					...pick([{}, GZIP, { "Accept-Encoding": "br" }] as Record<string, string>[]),
					...pick([
						{},
						{},
						{ "If-None-Match": tag },
						{ "If-None-Match": tag.replace(/"$/, '-gz"') },
						{ "If-Modified-Since": "Fri, 31 Jul 2026 08:00:00 GMT" },
					] as Record<string, string>[]),
				},
				ageS: pick([0, 1]),
			};
			const [again, first] = await Promise.all([
				whole(ask(respond, entry, form)),
				whole(ask(createRespond(POLICY), entry, form)),
			]);
			expect(again).toEqual(first);
			if (again.bytes === null) continue;
			const packed = entry.coding !== undefined && form.headers?.["Accept-Encoding"] === "gzip";
			expect(again.headers["content-encoding"]).toBe(packed ? "gzip" : (undefined as never));
			expect(again.headers["content-length"]).toBe(`${again.bytes.length}`);
			expect(again.headers["etag"] === undefined).toBe(form.method === "POST");
			const bytes = Buffer.from(again.bytes, "latin1");
			const plain = entry.coding ? gunzipSync(entry.body) : Buffer.from(entry.body);
			expect((packed ? gunzipSync(bytes) : bytes).equals(plain)).toBe(true);
		}
	});

	test("1, 20: has the same bytes for the next one, whatever was done to the last one's", async () => {
		const respond = make();
		for (const entry of [SHORT, LONG, HUGE]) {
			for (const headers of [{}, GZIP] as Record<string, string>[]) {
				const before = await whole(ask(respond, entry, { headers }));
				for (const read of WAYS_TO_READ) {
					const bytes = await read(await ask(respond, entry, { headers }));
					bytes?.fill(0);
					if (bytes) structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
					expect(await whole(ask(respond, entry, { headers }))).toEqual(before);
				}
			}
		}
	});

	test("5, 15, 20: is the same over the wire each time", async () => {
		const respond = make();
		const server = Bun.serve({
			port: 0,
			fetch: (request) =>
				ask(respond, request.url.endsWith("/long") ? LONG : SHORT, {
					method: request.method,
					headers: Object.fromEntries(request.headers),
				}),
		});
		try {
			for (const path of ["/short", "/long"]) {
				for (const method of ["GET", "HEAD"]) {
					for (const coding of ["gzip", "identity"]) {
						const fetched = async () => {
							const init = { method, headers: { "Accept-Encoding": coding }, decompress: false };
							const { headers, status, ...answer } = await whole(fetch(new URL(path, server.url), init));
							return { headers, status, ...answer };
						};
						const first = await fetched();
						expect(first.headers["content-length"]).toBeDefined();
						for (const _ of [1, 2]) expect(await fetched()).toEqual(first);
					}
				}
			}
		} finally {
			await server.stop(true);
		}
	});

	test("39: whose stored bytes are broken rejects each time", async () => {
		const respond = make();
		for (const entry of [LONG, HUGE]) {
			const broken = { ...entry, body: entry.body.subarray(0, -9) };
			for (const _ of [1, 2, 3]) {
				await expect(Promise.resolve(ask(respond, broken))).rejects.toBeInstanceOf(Undecodable);
				const packed = await ask(respond, broken, { headers: GZIP });
				expect((await packed.bytes()).byteLength).toBe(broken.body.byteLength);
			}
			expect(await (await ask(respond, entry)).text()).toBe(gunzipSync(entry.body).toString());
		}
	});
});
