import { createBackoff } from "./backoff.ts";
import { createBoarding } from "./boarding.ts";
import { standIn } from "./coordination/local.ts";
import { createDepartures, flightKeyOf, handOver } from "./departures.ts";
import { createEntryCodec, type Entry } from "./entry.ts";
import { contained, type FillCause, type MissReason } from "./events.ts";
import { createRunner, type Outcome } from "./fill.ts";
import { createFlights } from "./flight.ts";
import { wantsEarlyRefresh } from "./freshness.ts";
import { createInspector } from "./inspect.ts";
import { createLookup, type Found } from "./lookup.ts";
import { createPassage } from "./passage.ts";
import { type Policy, resolvePolicy } from "./policy.ts";
import { createPurger } from "./purge.ts";
import { createReturns } from "./returns.ts";
import { busy, fromEntry, missReason, ownResult, timesOf } from "./served.ts";
import { createStale } from "./stale.ts";
import type { Awaitable } from "./store.ts";
import { NOOP } from "./stores/noop.ts";
import { allTags } from "./tags.ts";
import type { Ask, Cache, CacheDeps, Served } from "./types.ts";
import { createWrap } from "./wrap.ts";

const DEFAULT_BUDGET_MS = 50;
const DEFAULT_MAX_REFRESHES = 4;
/**
 * A burst of requests can use the budget up before the store was asked at all; then a lease that is asked for for next to
 * no time would be given up on, and each process would run the handler.
 */
const LEAST_SHARE_FOR_LEASE = 0.2;
const NO_ROOM: Outcome<never> = { kind: "busy", status: 503, retryInMs: 0 };

/** The cache without a web framework: lookup, then serve, revalidate or fill. */
export function createCache(deps: CacheDeps): Cache {
	const { store, clock, random = Math.random, statusOf = statusOfError } = deps;
	const listener = contained(deps.listener);
	const budgetMs = deps.storeBudgetMs ?? DEFAULT_BUDGET_MS;
	const maxRefreshes = deps.maxRefreshes ?? DEFAULT_MAX_REFRESHES;
	let refreshes = 0;
	const coordination = store.coordination ?? standIn(store, clock);
	const codec = createEntryCodec(deps.signingKeys ? { signingKeys: deps.signingKeys } : {});
	const lookup = createLookup({ store, coordination, codec, clock, listener });
	const backoff = createBackoff(clock);
	const passage = createPassage(clock);
	const returns = createReturns(coordination);
	const flights = createFlights<Outcome<unknown>>();
	const board = createBoarding(flights);
	const { stale, insteadOf } = createStale({ clock, listener });
	const background = new Set<Promise<unknown>>();
	const runner = createRunner({
		coordination,
		returns,
		codec,
		storeName: store.name,
		clock,
		random,
		listener,
		backoff,
		passage,
		statusOf,
	});
	const policies = new Map<string, Policy>();
	const enabled = store.name !== NOOP;
	const { depart } = createDepartures({
		coordination,
		returns,
		storeName: store.name,
		lookup,
		flights,
		runner,
		backoff,
		listener,
	});
	const purger = createPurger({ coordination, storeName: store.name, flights, policies, listener });
	const signed = deps.signingKeys !== undefined && deps.signingKeys.length > 0;

	function serve<R>(ask: Ask<R>): Awaitable<Served<R>> {
		const begun = performance.now();
		const found = lookup.find(ask.policy, ask.key, ask.tags);
		return found instanceof Promise
			? found.then((later) => decide(ask, later, begun))
			: decide(ask, found, begun);
	}

	function decide<R>(ask: Ask<R>, found: Found, begun: number): Awaitable<Served<R>> {
		if (found.entry && !ask.renew) {
			if (found.state === "fresh") return hit(ask, found, found.entry);
			if (found.state === "stale") {
				refresh(ask, found, "refresh");
				return stale(ask, found.entry, found.tier);
			}
		}
		if (ask.onlyIfCached) return { from: "nothing", why: "only-if-cached", status: 504 };
		return fillNow(ask, found, begun);
	}

	/** Of the budget, for the lease. */
	function leftMs(begun: number): number {
		const left = budgetMs - (performance.now() - begun);
		return Math.ceil(Math.max(left, budgetMs * LEAST_SHARE_FOR_LEASE));
	}

	function hit<R>(ask: Ask<R>, found: Found, entry: Entry): Served<R> {
		const { policy, key } = ask;
		const { ageS, ttlS } = timesOf(entry, "fresh", found.at);
		const { tier } = found;
		if (!ask.warming) {
			listener({ type: "hit", policy: policy.name, key: key.name, tier, ageS, ttlS, savedMs: entry.fillMs });
		}
		if (wantsEarlyRefresh(entry, found.at, policy.early, random)) refresh(ask, found, "early");
		return { from: "entry", outcome: "hit", entry, ageS, ttlS, collapsed: false, stored: false };
	}

	async function fillNow<R>(ask: Ask<R>, found: Found, begun: number): Promise<Served<R>> {
		const { key } = ask;
		const missed = missReason(ask, found);
		const failing = backoff.current(key.digest);
		if (failing) return insteadOf(ask, found, failing.status) ?? busy(failing.retryInMs);
		if (passage.isOpen(key.digest)) return alone(ask, found, missed);

		const flightKey = flightKeyOf(ask, found);
		const { flight, joined } = await board(
			flightKey,
			() => (found.generations ? ask.admit?.() : undefined),
			() => depart(ask, found, flightKey, "miss", leftMs(begun)),
		);
		return arrive(ask, found, (await flight.outcome) as Outcome<R>, joined, missed);
	}

	/** What a flight came to, for one of those aboard. */
	async function arrive<R>(
		ask: Ask<R>,
		found: Found,
		outcome: Outcome<R>,
		collapsed: boolean,
		missed: MissReason,
	): Promise<Served<R>> {
		switch (outcome.kind) {
			case "entry": {
				const shared = collapsed || outcome.elsewhere === true;
				tellMiss(ask, missed, shared);
				return {
					...fromEntry(outcome.entry, found.entry ? "revalidated" : "miss"),
					...timesOf(outcome.entry, "fresh", clock()),
					collapsed: shared,
					stored: outcome.stored,
					missed,
					...(outcome.detail && { detail: outcome.detail }),
				};
			}
			case "own":
				if (!collapsed) {
					tellMiss(ask, missed, false);
					return ownResult(outcome, missed);
				}
				if (outcome.later) return arrive(ask, found, await outcome.later, true, missed);
				return alone(ask, found, missed);
			case "failed": {
				const instead = insteadOf(ask, found, outcome.status);
				if (instead) return instead;
				tellMiss(ask, missed, collapsed);
				if (outcome.with === "timed-out") return { from: "nothing", why: "timed-out", status: 504 };
				if ("error" in outcome.with) throw outcome.with.error;
				return { from: "failure", answer: outcome.with, collapsed, missed };
			}
			case "busy":
				return insteadOf(ask, found, outcome.status) ?? busy(outcome.retryInMs);
		}
	}

	/** Runs the handler for this caller only, as nobody can share its answer. */
	async function alone<R>(ask: Ask<R>, found: Found, missed: MissReason): Promise<Served<R>> {
		const { policy, key } = ask;
		if (found.generations) await ask.admit?.();
		const outcome = await passage.pass(key.digest, policy.timeout * 1000, () => {
			const { outcome, landed } = runner.run({
				policy,
				key,
				by: "miss",
				held: "not-shared",
				replaces: false,
				fill: (signal) => ask.fill(signal),
			});
			attend(landed);
			handOver(ask, () => landed);
			return outcome;
		});
		return arrive(ask, found, outcome === "no-room" ? NO_ROOM : outcome, false, missed);
	}

	/** One refresh behind any number of readers. */
	function refresh<R>(ask: Ask<R>, found: Found, by: FillCause): void {
		const flightKey = flightKeyOf(ask, found);
		if (refreshes >= maxRefreshes || backoff.current(ask.key.digest) || flights.get(flightKey)) return;
		const { outcome } = depart(ask, found, flightKey, by, ask.policy.lease * 1000);
		refreshes += 1;
		const done = () => {
			refreshes -= 1;
		};
		outcome.then(done, done);
	}

	function tellMiss<R>({ policy, key, warming }: Ask<R>, reason: MissReason, collapsed: boolean): void {
		if (!warming) listener({ type: "miss", policy: policy.name, key: key.name, reason, collapsed });
	}

	function attend(work: Promise<unknown>): void {
		const done = () => void background.delete(attended);
		const attended: Promise<void> = work.then(done, done);
		background.add(attended);
	}

	return {
		enabled,
		debug: deps.debug ?? false,
		clock,
		statusOf,
		register(options) {
			const policy = resolvePolicy(options);
			if (policies.has(policy.name))
				throw new TypeError(`There are two cache policies named "${policy.name}"`);
			policies.set(policy.name, policy);
			return policy;
		},
		serve,
		async look(policy, key, tags) {
			const { state, entry, tier } = await lookup.find(policy, key, allTags(policy.prefix, tags));
			if (!entry) return { state };
			return { state, entry, tier, ...timesOf(entry, state === "fresh" ? "fresh" : "stale", clock()) };
		},
		wrap: createWrap({ serve, enabled }),
		purge: purger.purge,
		expire: purger.expire,
		...createInspector({ store, coordination, codec, signed, policies, clock }),
		async settled() {
			while (background.size > 0) await Promise.all(background);
			await flights.settled();
		},
		emit: listener,
	};
}

/** Errors of web frameworks carry the HTTP status that they stand for. */
function statusOfError(error: unknown): number {
	const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
	return typeof status === "number" && status >= 400 && status <= 599 ? status : 500;
}
