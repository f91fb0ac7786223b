import { describe, expect, test } from "bun:test";
import { type PolicyOptions, resolvePolicy } from "../../src/cache/policy.ts";

const GOOD: PolicyOptions = { name: "areas", prefix: "areas:", ttl: 60, scope: "shared" };

describe("a cache policy", () => {
	test.each([
		["no name", { name: undefined }, "name must be"],
		["a name with a space", { name: "the areas" }, "name must be"],
		["a name that is no text", { name: ["areas"] }, "name must be"],
		["no prefix", { prefix: undefined }, "prefix must be"],
		["a prefix without its colon", { prefix: "areas" }, "prefix must be"],
		["a prefix with a glob in it", { prefix: "a*:" }, "prefix must be"],
		["a ttl of 0", { ttl: 0 }, "ttl must be"],
		["a negative ttl", { ttl: -1 }, "ttl must be"],
		["a ttl that is no number", { ttl: Number.NaN }, "ttl must be"],
		["a ttl that is text", { ttl: "60" }, "ttl must be"],
		["a ttl without end", { ttl: Number.POSITIVE_INFINITY }, "ttl must be"],
		["a ttl of ages", { ttl: 1e10 }, "ttl must be"],
		["no ttl", { ttl: undefined }, "ttl must be"],
		["no scope", { scope: undefined }, "scope must be"],
		["an unknown scope", { scope: "everyone" }, "scope must be"],
		["a negative staleWhileRevalidate", { staleWhileRevalidate: -1 }, "staleWhileRevalidate must be"],
		["a staleIfError that is no number", { staleIfError: Number.NaN }, "staleIfError must be"],
		["vary that is no list", { vary: "Accept-Language" }, "vary must be"],
		["vary with something that is no name", { vary: ["Accept Language"] }, "vary must be"],
		["vary with a number", { vary: [1] }, "vary must be"],
		["vary that is anything", { vary: ["*"] }, "vary must be"],
		["vary with Authorization", { vary: ["authorization"] }, "vary must not name"],
		["vary with Cookie", { vary: ["Cookie"] }, "vary must not name"],
		["vary with Accept-Encoding", { vary: ["Accept-Encoding"] }, "vary must not name"],
		["no room for any entry", { maxEntryBytes: 0 }, "maxEntryBytes must be"],
		["half a byte of room", { maxEntryBytes: 0.5 }, "maxEntryBytes must be"],
		["a timeout of 0", { timeout: 0 }, "timeout must be"],
		["a prefix that marks have", { prefix: "tag:" }, "is taken by the store"],
		["a prefix that leases have", { prefix: "lease:" }, "is taken by the store"],
		["a lease shorter than its timeout", { timeout: 5, lease: 4 }, "lease must not be shorter"],
		["a lease longer than a timer runs", { lease: 2_147_484 }, "lease must not be longer"],
		["a timeout longer than a timer runs", { timeout: 2_147_484 }, "lease must not be longer"],
		["early below 0", { early: -1 }, "early must be"],
		["all of its time as jitter", { jitter: 1 }, "jitter must be"],
		["negative jitter", { jitter: -0.1 }, "jitter must be"],
		["jitter as text", { jitter: "0.1" }, "jitter must be"],
		["honourOrigin that is no boolean", { honourOrigin: "yes" }, "honourOrigin must be"],
		["an unknown audience", { audience: "all" }, "audience must be"],
		["one caller's answers for the public", { scope: "caller", audience: "public" }, "cannot have a"],
		["a version of 0", { version: 0 }, "version must be"],
		["half a version", { version: 1.5 }, "version must be"],
		["an unknown option", { tll: 60 }, 'no option "tll"'],
		["an option named like what every object has", { toString: 1 }, 'no option "toString"'],
	])("with %s throws", (_, change, sentence) => {
		expect(() => resolvePolicy({ ...GOOD, ...change } as PolicyOptions)).toThrow(TypeError);
		expect(() => resolvePolicy({ ...GOOD, ...change } as PolicyOptions)).toThrow(sentence);
	});

	test("names itself when it throws", () => {
		expect(() => resolvePolicy({ ...GOOD, ttl: 0 })).toThrow('Cache policy "areas": ttl');
	});

	test("has defaults for all but its name, prefix, ttl and scope", () => {
		expect(resolvePolicy(GOOD)).toEqual({
			...GOOD,
			staleWhileRevalidate: 0,
			staleIfError: 0,
			vary: [],
			maxEntryBytes: 1024 * 1024,
			timeout: 10,
			lease: 11,
			early: 1,
			jitter: 0,
			honourOrigin: false,
			audience: "signed-in",
			version: 1,
		});
	});

	test("has the default where an option is undefined", () => {
		const options = { ...GOOD, timeout: undefined, jitter: undefined } as unknown as PolicyOptions;
		expect(resolvePolicy(options)).toMatchObject({ timeout: 10, lease: 11, jitter: 0 });
	});

	test("has a second more than its timeout for a lease unless told otherwise", () => {
		expect(resolvePolicy({ ...GOOD, timeout: 3 }).lease).toBe(4);
		expect(resolvePolicy({ ...GOOD, timeout: 3, lease: 7 }).lease).toBe(7);
	});

	test("has the names it varies by in one form and order", () => {
		const vary = ["X-Tenant", "Accept-Language", "x-tenant"];
		expect(resolvePolicy({ ...GOOD, vary }).vary).toEqual(["accept-language", "x-tenant"]);
	});

	test("leaves the options that it was given as they were, and cannot be changed through them", () => {
		const vary = ["X-Tenant"];
		const policy = resolvePolicy(Object.freeze({ ...GOOD, vary }));
		expect(vary).toEqual(["X-Tenant"]);
		vary.push("Accept-Language");
		expect(policy.vary).toEqual(["x-tenant"]);
		expect(Object.isFrozen(policy) && Object.isFrozen(policy.vary)).toBe(true);
	});
});
