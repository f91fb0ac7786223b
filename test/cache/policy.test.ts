import { describe, expect, test } from "bun:test";
import { cached } from "../../src/cache/cached.ts";
import { createCache, createMemoryStore, type PolicyOptions } from "../../src/cache/index.ts";

const GOOD: PolicyOptions = { name: "areas", prefix: "areas:", ttl: 60, scope: "shared" };

function newCache() {
	const clock = () => 0;
	return createCache({ store: createMemoryStore({ clock, maxBytes: 1024 }), clock });
}

describe("a cache policy", () => {
	test.each([
		["ttl of 0", { ttl: 0 }, "ttl must be"],
		["negative ttl", { ttl: -1 }, "ttl must be"],
		["ttl that is no number", { ttl: Number.NaN }, "ttl must be"],
		["no scope", { scope: undefined }, "scope must be"],
		["unknown scope", { scope: "everyone" }, "scope must be"],
		["prefix without its colon", { prefix: "areas" }, "prefix must be"],
		["name with a space", { name: "the areas" }, "name must be"],
		["unknown option", { tll: 60 }, 'no option "tll"'],
		["version of 0", { version: 0 }, "version must be"],
		["no room for any entry", { maxEntryBytes: 0 }, "maxEntryBytes must be"],
	])("with %s throws while the application is built", (_, change, sentence) => {
		expect(() => cached(newCache(), { ...GOOD, ...change } as PolicyOptions)).toThrow(sentence);
	});

	test("must not share its name with another one", () => {
		const cache = newCache();
		cached(cache, GOOD);
		expect(() => cached(cache, { ...GOOD, ttl: 5 })).toThrow('two cache policies named "areas"');
	});

	test("of scope caller must be told who the caller is", () => {
		expect(() => cached(newCache(), { ...GOOD, scope: "caller" })).toThrow("who the caller is");
	});

	test("leaves the options that it was given as they were", () => {
		const options = Object.freeze({ ...GOOD });
		expect(() => cached(newCache(), options)).not.toThrow();
	});
});
