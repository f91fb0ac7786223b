import { gzipSync } from "node:zlib";
import type { Entry } from "../../../src/cache/entry.ts";
import { entityTag } from "../../../src/cache/http/conditional.ts";
import type { Respond } from "../../../src/cache/http/respond.ts";
import { resolvePolicy } from "../../../src/cache/policy.ts";

export const POLICY = resolvePolicy({
	name: "areas",
	prefix: "areas:",
	ttl: 60,
	scope: "shared",
	maxEntryBytes: 8e6,
});
const STORED_AT = Date.parse("2026-08-01T08:00:00Z");
export const GZIP = { "Accept-Encoding": "gzip" };

/** As it is stored: compressed from 1 KiB on. */
export function entryOf(text: string, more: Partial<Entry> = {}): Entry {
	const plain = new TextEncoder().encode(text);
	const stored =
		plain.byteLength > 1_024 ? { body: gzipSync(plain), coding: "gzip" as const } : { body: plain };
	return {
		policy: "areas",
		digest: "d".repeat(64),
		status: 200,
		headers: [
			["content-type", "text/plain"],
			["last-modified", "Fri, 31 Jul 2026 08:00:00 GMT"],
		],
		storedAt: STORED_AT,
		freshUntil: STORED_AT + 60_000,
		staleUntil: STORED_AT + 60_000,
		staleIfErrorUntil: STORED_AT + 60_000,
		fillMs: 5,
		tags: {},
		length: plain.byteLength,
		etag: entityTag(plain),
		...stored,
		...more,
	};
}

export interface Asked {
	readonly method?: string;
	readonly headers?: Record<string, string>;
	readonly ageS?: number;
	readonly cacheStatus?: string;
}

/** Asks for an entry of a certain age. */
export function ask(
	respond: Respond,
	entry: Entry,
	{ method = "GET", headers = {}, ageS = 7, ...told }: Asked = {},
) {
	const cacheStatus = told.cacheStatus ?? `RetynAVM;hit;ttl=${60 - ageS}`;
	return respond(
		entry,
		{ method, headers: new Headers(headers) },
		{ validated: () => [], ageS, cacheStatus },
	);
}

export const SHORT = entryOf('{"a":1}');
export const LONG = entryOf("Dubai Marina مردف ".repeat(100));
export const HUGE = entryOf("Dubai Marina مردف ".repeat(5_000));

/** Everything that gives somebody the bytes of an answer, which they may then write over. */
export const WAYS_TO_READ: ((response: Response) => Promise<Uint8Array | undefined>)[] = [
	async (response) => new Uint8Array(await response.arrayBuffer()),
	async (response) => response.bytes(),
	async (response) => (await response.body?.getReader().read())?.value,
	async (response) => (await response.clone().body?.getReader().read())?.value,
	async (response) => (await response.body?.tee()[0].getReader().read())?.value,
	async (response) => (await response.blob()).bytes(),
];
