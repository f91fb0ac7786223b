import { expect, test } from "bun:test";
import { setUp } from "./http-setup.ts";

test("46: every request tells what became of it, with the policy and the tier by name", async () => {
	const made = setUp({
		policy: { staleWhileRevalidate: 60, staleIfError: 600 },
		answer: (c, run) => {
			if (c.req.query("private")) return c.json({}, 200, { "Cache-Control": "private" });
			return run > 3 ? c.text("broken", 500) : c.json({ run });
		},
	});
	const told = async (path: string, init?: RequestInit) => {
		const before = made.events.length;
		await made.ask(path, init);
		return made.events.slice(before).map(({ type, ...rest }) => {
			if ("policy" in rest) expect(rest.policy).toBe("things");
			if ("key" in rest) expect(rest.key).toMatch(/^things:[0-9a-f]{32}$/);
			if ("tier" in rest) expect(rest.tier).toBe("memory");
			const reason = "reason" in rest ? `: ${rest.reason}` : "by" in rest ? ` by ${rest.by}` : "";
			return `${type}${reason}`;
		});
	};
	expect((await told("/things")).sort()).toEqual(["filled by miss", "miss: none"]);
	expect(await told("/things")).toEqual(["hit"]);
	expect(await told("/things", { method: "PUT" })).toEqual(["bypass: method"]);
	made.clock.advance(61_000);
	expect(await told("/things")).toEqual(["stale", "filled by refresh"]);
	expect((await told("/things?private=1")).sort()).toEqual(["miss: none", "refused: cache-control"]);
	made.clock.advance(61_000);
	expect(await told("/things")).toEqual(["stale", "fill-failed by refresh"]);
	const before = made.events.length;
	await made.cache.purge({ prefix: "things:" });
	expect(made.events.slice(before).map(({ type }) => type)).toEqual(["purged"]);
});
