import { describe, expect, test } from "bun:test";
import { type Item, parseList, serializeList, Token } from "structured-headers";
import type { Entry } from "../../src/cache/entry.ts";
import type { MissReason } from "../../src/cache/events.ts";
import { bypassStatus, cacheStatusOf } from "../../src/cache/http/cache-status.ts";
import type { Served } from "../../src/cache/types.ts";

const ENTRY: Entry = {
	policy: "areas",
	digest: "d".repeat(64),
	status: 200,
	headers: [],
	body: new Uint8Array(),
	length: 0,
	storedAt: 0,
	freshUntil: 60_000,
	staleUntil: 60_000,
	staleIfErrorUntil: 60_000,
	fillMs: 5,
	tags: {},
};

type FromEntry = Served<Response> & { from: "entry" };

function fromEntry(outcome: FromEntry["outcome"], more: Partial<FromEntry> = {}): FromEntry {
	return {
		from: "entry",
		outcome,
		entry: ENTRY,
		ageS: 0,
		ttlS: 60,
		collapsed: false,
		stored: false,
		...more,
	};
}

/** Parsed as a structured field: the parameters of its one member. */
function parameters(header: string): Record<string, unknown> {
	const [member, ...others] = parseList(header) as Item[];
	expect(others).toEqual([]);
	expect(member?.[0]).toBeInstanceOf(Token);
	expect(String(member?.[0])).toBe("RetynAVM");
	return Object.fromEntries(
		[...(member?.[1] ?? [])].map(([name, value]) => [
			name,
			value instanceof Token ? `token ${value}` : value,
		]),
	);
}

const statusOf = (served: Served<Response>, options?: { key?: string }) =>
	parameters(cacheStatusOf(served, options));

describe("Cache-Status", () => {
	test("16: fresh hit", () => {
		expect(statusOf(fromEntry("hit", { ttlS: 57 }))).toEqual({ hit: true, ttl: 57 });
	});

	test("16: stale while it is revalidated", () => {
		expect(statusOf(fromEntry("stale", { ttlS: -5 }))).toEqual({ hit: true, ttl: -5 });
	});

	test("16: stale since the handler failed", () => {
		const served = fromEntry("stale", { ttlS: -5, failedWith: 503 });
		expect(statusOf(served)).toEqual({ fwd: "token stale", "fwd-status": 503 });
	});

	test("16: revalidated", () => {
		const served = fromEntry("revalidated", { stored: true, missed: "expired" });
		expect(statusOf(served)).toEqual({ fwd: "token stale", "fwd-status": 200, stored: true });
	});

	test("16: miss", () => {
		const served = fromEntry("miss", { stored: true, missed: "none" });
		expect(statusOf(served)).toEqual({ fwd: "token uri-miss", stored: true });
	});

	test("16: waiter", () => {
		const served = fromEntry("miss", { stored: true, collapsed: true, missed: "none" });
		expect(statusOf(served)).toEqual({ fwd: "token uri-miss", collapsed: true });
	});

	test("16: store failed", () => {
		const served = fromEntry("miss", { detail: "store-failed", missed: "store-failed" });
		expect(statusOf(served)).toEqual({ fwd: "token miss", detail: "token store-failed" });
	});

	test.each([
		["none", "uri-miss"],
		["expired", "stale"],
		["invalidated", "uri-miss"],
		["unreadable", "uri-miss"],
		["renewed", "request"],
		["store-failed", "miss"],
	] satisfies [MissReason, string][])("16: not stored, after %s", (missed, fwd) => {
		const served: Served<Response> = {
			from: "handler",
			result: new Response(),
			detail: "set-cookie",
			missed,
		};
		expect(statusOf(served)).toEqual({ fwd: `token ${fwd}`, detail: "token set-cookie" });
	});

	test("16: bypass", () => {
		expect(parameters(bypassStatus("range"))).toEqual({ fwd: "token bypass", detail: "token range" });
	});

	test("16: failure, for the first and for those who waited", () => {
		const answer = { kind: "failed", status: 502, answer: ENTRY } as const;
		const served = { from: "failure", answer, collapsed: false, missed: "none" } as const;
		expect(statusOf(served)).toEqual({ fwd: "token uri-miss", "fwd-status": 502 });
		expect(statusOf({ ...served, collapsed: true })).toEqual({
			fwd: "token uri-miss",
			"fwd-status": 502,
			collapsed: true,
		});
	});

	test("16: nothing to give", () => {
		expect(statusOf({ from: "nothing", why: "busy", status: 503 })).toEqual({ detail: "token busy" });
		expect(statusOf({ from: "nothing", why: "only-if-cached", status: 504 })).toEqual({
			detail: "token only-if-cached",
		});
		expect(statusOf({ from: "nothing", why: "timed-out", status: 504 })).toEqual({
			fwd: "token miss",
			detail: "token timed-out",
		});
	});

	test("16: names the key only when asked, as a string", () => {
		const key = "areas:0123456789abcdef0123456789abcdef";
		expect(statusOf(fromEntry("hit"), { key })).toEqual({ hit: true, ttl: 60, key });
		expect(statusOf(fromEntry("miss", { stored: true, missed: "none" }), { key })).toMatchObject({ key });
		expect(cacheStatusOf(fromEntry("hit"))).not.toContain("key");
		expect(cacheStatusOf(fromEntry("hit"), {})).not.toContain("key");
	});

	test("16: of a hit is what the serializer would write", () => {
		for (const ttlS of [0, 1, 60, 31_536_000, 2 ** 31]) {
			const written = new Map<string, true | number>([
				["hit", true],
				["ttl", ttlS],
			]);
			expect(cacheStatusOf(fromEntry("hit", { ttlS }))).toBe(
				serializeList([[new Token("RetynAVM"), written]]),
			);
		}
	});
});
