import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { bundleWorker } from "./bundle.ts";

/** Far below the 3 MB, compressed, of Cloudflare's free plan: what grows past it has taken something large along. */
const MOST_BYTES = 900_000;
const MOST_COMPRESSED = 240_000;

test("the worker is small", async () => {
	const script = Buffer.from(await bundleWorker(true));
	expect(script.byteLength).toBeLessThan(MOST_BYTES);
	expect(gzipSync(script).byteLength).toBeLessThan(MOST_COMPRESSED);
});
