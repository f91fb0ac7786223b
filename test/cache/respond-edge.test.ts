import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

/** Stores a long text and answers from the entry, whatever is asked. */
const WORKER = `
	import { gzipSync } from "node:zlib";
	import { createEntryCodec } from "./src/cache/entry.ts";
	import { entityTag } from "./src/cache/http/conditional.ts";
	import { compressed, decoded } from "./src/cache/http/encoding.ts";
	import { createRespond } from "./src/cache/http/respond.ts";
	import { resolvePolicy } from "./src/cache/policy.ts";

	const policy = resolvePolicy({ name: "areas", prefix: "areas:", ttl: 60, scope: "shared" });
	const respond = createRespond(policy);
	const codec = createEntryCodec({ signingKeys: ["a key"] });

	export default {
		async fetch(request) {
			if (new URL(request.url).pathname === "/bomb") {
				const body = gzipSync(new Uint8Array(20_000_000));
				const bomb = { status: 200, headers: [], body, coding: "gzip", length: 1_000 };
				return decoded(bomb, 1_000_000).then(() => new Response("decoded"), (error) => new Response(error.reason));
			}
			const text = new TextEncoder().encode("Dubai Marina ".repeat(1_000));
			const { plain, ...stored } = await compressed(text, new Headers({ "content-type": "text/plain" }), 1e6);
			const bytes = codec.encode("areas:1", {
				policy: "areas", digest: "d", status: 200, headers: [["content-type", "text/plain"]], fillMs: 1, tags: {},
				storedAt: 0, freshUntil: 1, staleUntil: 1, staleIfErrorUntil: 1, etag: entityTag(plain), ...stored,
			});
			const entry = codec.decode("areas:1", bytes);
			// What somebody reads and writes over must not be what is stored.
			const stolen = await respond(entry, request, { validated: () => [], ageS: 0, cacheStatus: "x" });
			new Uint8Array(await stolen.arrayBuffer()).fill(0);
			return respond(entry, request, { validated: () => [], ageS: 0, cacheStatus: "x" });
		},
	};
`;

let edge: Miniflare;
let address: URL;
beforeAll(async () => {
	const { outputFiles } = await build({
		stdin: { contents: WORKER, resolveDir: `${import.meta.dir}/../..`, loader: "ts" },
		bundle: true,
		write: false,
		format: "esm",
		external: ["node:*"],
	});
	edge = new Miniflare({
		modules: true,
		script: outputFiles[0]?.text ?? "",
		compatibilityDate: "2026-07-01",
		compatibilityFlags: ["nodejs_compat"],
	});
	address = await edge.ready;
}, 30_000);
afterAll(() => edge?.dispose());

/** The answer as it is on the wire: nothing decompresses it on the way. */
function onTheWire(path: string, encoding: string) {
	const { promise, resolve, reject } = Promise.withResolvers<{
		body: Buffer;
		coding: string | undefined;
		length: string | undefined;
	}>();
	request(new URL(path, address), { headers: { "Accept-Encoding": encoding } }, async (answer) => {
		const body = Buffer.concat(await answer.toArray());
		resolve({ body, coding: answer.headers["content-encoding"], length: answer.headers["content-length"] });
	})
		.on("error", reject)
		.end();
	return promise;
}

describe("on Cloudflare's workers", () => {
	test("20: what is stored compressed is not compressed again on its way out", async () => {
		const { body, coding, length } = await onTheWire("/", "gzip");
		expect([coding, length]).toEqual(["gzip", String(body.byteLength)]);
		expect(gunzipSync(body).toString()).toBe("Dubai Marina ".repeat(1_000));
	});

	test("20: it is decompressed for a client that does not take it", async () => {
		const { body, coding } = await onTheWire("/", "identity");
		expect([coding, body.toString()]).toEqual([undefined, "Dubai Marina ".repeat(1_000)]);
	});

	test("39: a decompression bomb is cut off", async () => {
		expect((await onTheWire("/bomb", "identity")).body.toString()).toBe("too-large");
	});
});
