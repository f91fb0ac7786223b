import type { PolicyOptions } from "../../../src/cache/index.ts";
import type { Bounds, RouteName, RouteRules, Thing } from "./model.ts";

/** The three routes of an instance: one with stale windows, one without, one for each caller. */
export const POLICIES: Readonly<Record<RouteName, PolicyOptions>> = {
	things: {
		name: "things",
		prefix: "things:",
		scope: "shared",
		ttl: 6,
		staleWhileRevalidate: 6,
		staleIfError: 20,
		timeout: 3,
	},
	lists: { name: "lists", prefix: "lists:", scope: "shared", ttl: 20, timeout: 3 },
	mine: { name: "mine", prefix: "mine:", scope: "caller", ttl: 15, timeout: 3 },
};

export const GROUPS = 7;

export function tagsOf({ route, id }: Pick<Thing, "route" | "id">): string[] {
	return route === "lists" ? [`group:${id % GROUPS}`] : [`thing:${id}`, `group:${id % GROUPS}`];
}

function rulesOf({ ttl, staleWhileRevalidate = 0, staleIfError = 0 }: PolicyOptions): RouteRules {
	const staleMs = Math.max(staleWhileRevalidate, staleIfError) * 1_000;
	return { ttlMs: ttl * 1_000, staleMs, staleIfErrorMs: staleIfError * 1_000, tagsOf };
}

export const RULES: Readonly<Record<RouteName, RouteRules>> = {
	things: rulesOf(POLICIES.things),
	lists: rulesOf(POLICIES.lists),
	mine: rulesOf(POLICIES.mine),
};

export const BOUNDS: Bounds = {
	handlerMs: 300,
	budgetMs: 50,
	busMs: 100,
	memoryMs: 5_000,
	pendingMs: 3_000,
	recoveryMs: 2_000,
	slackMs: 400,
};

/** For machines that do other things as well. A lease that nobody holds, or a lost purge, shows all the same. */
export const PATIENT: Partial<Bounds> = { busMs: 500, slackMs: 1_500 };
