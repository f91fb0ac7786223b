import { describe, expect, test } from "bun:test";
import { isEventStream, type Judged, judge } from "../../src/cache/http/storable.ts";
import { type PolicyOptions, resolvePolicy } from "../../src/cache/policy.ts";

const NONE: ReadonlySet<string> = new Set();

function judged(
	headers: Record<string, string> = {},
	{ status = 200, varyKnown = NONE, now, ...options }: Partial<PolicyOptions & Omit<Judged, "headers">> = {},
) {
	const policy = resolvePolicy({ name: "areas", prefix: "areas:", ttl: 60, scope: "shared", ...options });
	return judge(policy, {
		status,
		headers: new Headers(headers),
		varyKnown,
		...(now !== undefined && { now }),
	});
}

const stored = (ttl: number, mayBeStale = true) => ({ store: true, lifetime: { ttl, mayBeStale } }) as const;
const refused = (reason: string) => ({ store: false, reason }) as ReturnType<typeof judge>;

describe("whether an answer may be stored", () => {
	test.each([200, 203, 301, 308])("10: a %d may be", (status) => {
		expect(judged({}, { status })).toEqual(stored(60));
	});

	test.each([
		201, 202, 204, 205, 206, 300, 302, 303, 304, 307, 400, 401, 403, 404, 410, 429, 500, 502, 503, 504,
	])("10: a %d may not", (status) => {
		expect(judged({}, { status })).toEqual(refused("status"));
	});

	test("11: not with Set-Cookie", () => {
		expect(judged({ "Set-Cookie": "a=b" })).toEqual(refused("set-cookie"));
	});

	test("14: not as an event stream", () => {
		for (const type of ["text/event-stream", "Text/Event-Stream; charset=utf-8", " text/event-stream ;x=1"]) {
			expect(judged({ "Content-Type": type })).toEqual(refused("event-stream"));
			expect(isEventStream(new Headers({ "Content-Type": type }))).toBe(true);
		}
		expect(judged({ "Content-Type": "text/event-streams" })).toEqual(stored(60));
	});

	test.each([
		"private",
		"no-store",
		"no-cache",
		"max-age=0",
		"s-maxage=0",
		"PRIVATE",
		"public , No-Store",
		"No-Cache\t,max-age=60",
		"Max-Age = 0",
		'max-age="0"',
		'private="x-user"',
		'no-cache="Set-Cookie", max-age=60',
		"no-store=1",
		"max-age=60, s-maxage=0",
		"max-age=60, max-age=0",
		"max-age=soon",
		"max-age=-1",
		'x="never closed, no-store',
	])("12: not with Cache-Control: %s", (header) => {
		expect(judged({ "Cache-Control": header })).toEqual(refused("cache-control"));
		expect(judged({ "Cache-Control": header }, { honourOrigin: true })).toEqual(refused("cache-control"));
	});

	test("12: directives that only look like forbidding ones forbid nothing", () => {
		for (const header of [
			"public",
			"x-private",
			"no-storey",
			'x="no-store, private"',
			"no-transform",
			"immutable",
		]) {
			expect(judged({ "Cache-Control": header })).toEqual(stored(60));
		}
	});

	test("12: a directive shortens", () => {
		expect(judged({ "Cache-Control": "max-age=5" })).toEqual(stored(5));
		expect(judged({ "Cache-Control": "s-maxage=5" })).toEqual(stored(5, false));
	});

	test("12: a directive lengthens only with honourOrigin", () => {
		expect(judged({ "Cache-Control": "max-age=600" })).toEqual(stored(60));
		expect(judged({ "Cache-Control": "s-maxage=600" })).toEqual(stored(60, false));
		expect(judged({ "Cache-Control": "max-age=600" }, { honourOrigin: true })).toEqual(stored(600));
		expect(judged({ "Cache-Control": "max-age=5" }, { honourOrigin: true })).toEqual(stored(5));
		expect(judged({}, { honourOrigin: true })).toEqual(stored(60));
	});

	test("12: s-maxage wins over max-age, whichever is longer", () => {
		expect(judged({ "Cache-Control": "max-age=600, s-maxage=300" }, { honourOrigin: true })).toEqual(
			stored(300, false),
		);
		expect(judged({ "Cache-Control": "s-maxage=600, max-age=300" }, { honourOrigin: true })).toEqual(
			stored(600, false),
		);
		expect(judged({ "Cache-Control": "max-age=0, s-maxage=30" })).toEqual(stored(30, false));
	});

	test.each(["s-maxage=30", "max-age=30, must-revalidate", "Proxy-Revalidate, max-age=30"])(
		"12, 33: %s forbids serving stale, with honourOrigin and without",
		(header) => {
			for (const honourOrigin of [false, true]) {
				expect(judged({ "Cache-Control": header }, { honourOrigin })).toEqual(stored(30, false));
			}
		},
	);

	test("12: an answer from another cache has spent its Age of the time there", () => {
		expect(judged({ "Cache-Control": "max-age=30", Age: "20" })).toEqual(stored(10));
		expect(judged({ "Cache-Control": "max-age=30", Age: "30" })).toEqual(refused("cache-control"));
		expect(judged({ "Cache-Control": "max-age=30", Age: "old" })).toEqual(stored(30));
	});

	test("12: Expires counts where no directive says how long", () => {
		const date = "Sun, 06 Nov 1994 08:49:37 GMT";
		const in30s = "Sun, 06 Nov 1994 08:50:07 GMT";
		expect(judged({ Expires: "0" })).toEqual(refused("cache-control"));
		expect(judged({ Expires: date, Date: date })).toEqual(refused("cache-control"));
		expect(judged({ Expires: in30s, Date: date })).toEqual(stored(30));
		expect(judged({ Expires: in30s }, { now: 784_111_777_000 })).toEqual(stored(30));
		expect(judged({ Expires: in30s })).toEqual(stored(60));
		expect(judged({ Expires: "0", "Cache-Control": "max-age=20" })).toEqual(stored(20));
	});

	test("13: not with Vary: *, nor with a header that is not in the key", () => {
		for (const Vary of ["*", "Accept-Language", "Accept-Encoding, X-Other", "accept-encoding,*", "Origin"]) {
			expect(judged({ Vary })).toEqual(refused("vary"));
		}
	});

	test("13: Vary may name what is in the key, in any case", () => {
		const vary = ["X-Tenant", "Accept-Language"];
		for (const Vary of ["Accept-Encoding", "", " accept-language , X-TENANT", "ACCEPT-ENCODING, x-tenant,"]) {
			expect(judged({ Vary }, { vary })).toEqual(stored(60));
		}
		expect(judged({ Vary: "X-Seen" }, { varyKnown: new Set(["x-seen"]) })).toEqual(stored(60));
	});

	test("6, 13: Vary may name what callers sign in with only where the caller is in the key", () => {
		for (const Vary of ["Authorization", "Cookie", "cookie, AUTHORIZATION"]) {
			expect(judged({ Vary })).toEqual(refused("vary"));
			expect(judged({ Vary }, { scope: "caller" })).toEqual(stored(60));
		}
	});

	test("20: gzip is the only coding that is stored", () => {
		for (const coding of ["gzip", "x-gzip", "GZIP", "identity", " gzip "]) {
			expect(judged({ "Content-Encoding": coding })).toEqual(stored(60));
		}
		for (const coding of ["br", "deflate", "zstd", "gzip, br", "gzip, gzip", "gzipped"]) {
			expect(judged({ "Content-Encoding": coding })).toEqual(refused("content-encoding"));
		}
	});
});
