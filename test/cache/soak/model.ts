import type { Part, Timeline } from "./timeline.ts";

/** One thing that can be asked for; for routes of scope `caller` the caller is part of it. */
export interface Thing {
	readonly route: RouteName;
	readonly id: number;
	readonly caller?: string;
}

export type RouteName = "things" | "lists" | "mine";

/** What a purge was about. */
export type Scope =
	| { readonly tag: string }
	| { readonly route: RouteName }
	| { readonly thing: Thing }
	| { readonly everything: true };

export interface RouteRules {
	readonly ttlMs: number;
	/** The longer of the windows in which a stale answer may be given. */
	readonly staleMs: number;
	readonly staleIfErrorMs: number;
	readonly tagsOf: (thing: Thing) => readonly string[];
}

/** What an instance answered to one request. Instants in milliseconds, by the clock of whoever asked. */
export interface Observation {
	readonly thing: Thing;
	readonly instance: number;
	readonly sentAt: number;
	readonly receivedAt: number;
	readonly status: number;
	/** What the body says it is. */
	readonly told?: { readonly thing: Thing; readonly version: number } | undefined;
	/** Seconds that the answer was still fresh for, from `Cache-Status`, of one that came out of the cache. */
	readonly ttlS?: number | undefined;
	/** The store failed this request. */
	readonly storeFailed?: boolean;
	/** Milliseconds that one of the processes did not run. */
	readonly pausedMs?: number;
}

export interface PurgeRecord {
	readonly scope: Scope;
	/** It was only marked stale; where the route has no stale windows that comes to the same. */
	readonly expires?: boolean;
	readonly instance: number;
	readonly sentAt: number;
	readonly answered: { readonly at: number; readonly how: "done" | "pending" };
}

export interface Bounds {
	/** The longest that the origin takes to answer. */
	readonly handlerMs: number;
	/** The most that a request waits for the store. */
	readonly budgetMs: number;
	/** A purge is known everywhere after this, while all is in order. */
	readonly busMs: number;
	/** What memory keeps at the most, whatever becomes of the link. */
	readonly memoryMs: number;
	/** A purge that was pending is made when all has been in order for this long. */
	readonly pendingMs: number;
	/** After this, a part that is back is in use again. */
	readonly recoveryMs: number;
	/** What a busy machine adds. */
	readonly slackMs: number;
}

/** Key that keeps failing: the longest pause until the handler is asked again. */
const BACKOFF_MS = 5_000;

/** Knows what is true, and when it was, and tells whether an answer may be what it is. */
export class Model {
	readonly #changes = new Map<string, number[]>();
	readonly #failures = new Map<string, number[]>();
	readonly #purges: PurgeRecord[] = [];
	readonly #goodUntil = new Map<string, { seenAt: number; until: number }>();

	constructor(
		readonly rules: Readonly<Record<RouteName, RouteRules>>,
		readonly bounds: Bounds,
		readonly timeline: Timeline,
		readonly instances: number,
	) {}

	/** From now on another version is true. */
	change(thing: Thing, at: number): void {
		this.#changesOf(thing).push(at);
	}

	/** Versions count from 0. */
	versionAt(thing: Thing, at: number): number {
		const changes = this.#changesOf(thing);
		let version = changes.length;
		while (version > 0 && (changes[version - 1] ?? 0) > at) version -= 1;
		return version;
	}

	originFailed(thing: Thing, at: number): void {
		const failures = this.#failures.get(nameOf(thing)) ?? [];
		failures.push(at);
		this.#failures.set(nameOf(thing), failures);
	}

	/** Those that were answered later may come before those that were sent later. */
	purgeAnswered(purge: PurgeRecord): void {
		const after = this.#purges.findLastIndex(({ sentAt }) => sentAt <= purge.sentAt);
		this.#purges.splice(after + 1, 0, purge);
	}

	/** What is wrong with an answer, in words; nothing for a good one. */
	check(seen: Observation): string[] {
		const found = [
			this.#late(seen),
			...(seen.status === 200 ? this.#checkAnswer(seen) : [this.#unanswered(seen)]),
		];
		return found.filter((one) => one !== undefined);
	}

	#checkAnswer(seen: Observation): (string | undefined)[] {
		const { told, thing } = seen;
		if (!told || nameOf(told.thing) !== nameOf(thing))
			return [`is an answer for ${told ? nameOf(told.thing) : "nobody knows what"}`];
		this.#remember(seen);
		return [this.#outdated(seen, told.version), this.#purged(seen, told.version)];
	}

	/** However it came about, nobody is told what has not been true for longer than the policy allows. */
	#outdated({ thing, sentAt, receivedAt, pausedMs = 0 }: Observation, version: number): string | undefined {
		if (version > this.versionAt(thing, receivedAt)) return `is version ${version}, which is still to come`;
		const endedAt = this.#changesOf(thing)[version] ?? Number.POSITIVE_INFINITY;
		const { ttlMs, staleMs } = this.rules[thing.route];
		const allowed = ttlMs + staleMs + this.bounds.handlerMs + this.bounds.slackMs + pausedMs;
		if (endedAt >= sentAt - allowed) return undefined;
		return `is version ${version}, which had not been true for ${Math.round(sentAt - endedAt)} ms, over ${allowed}`;
	}

	#purged(seen: Observation, version: number): string | undefined {
		const endedAt = this.#changesOf(seen.thing)[version] ?? Number.POSITIVE_INFINITY;
		for (let index = this.#purges.length - 1; index >= 0; index -= 1) {
			const purge = this.#purges[index];
			// At the time of those that are older still, this version was true.
			if (!purge || purge.sentAt < endedAt) return undefined;
			if (!this.#ends(purge, seen.thing, "staleMs")) continue;
			if (seen.sentAt < this.#inForceAt(purge, seen)) continue;
			const late = Math.round(seen.sentAt - purge.answered.at);
			const where = purge.instance === seen.instance ? "same" : "other";
			return `is version ${version}, purged (${purge.answered.how}, ${where} instance) ${late} ms before it was asked for`;
		}
		return undefined;
	}

	/** From when on nobody who asks this instance may get what was purged. */
	#inForceAt({ answered, instance, sentAt }: PurgeRecord, seen: Observation): number {
		if (instance === seen.instance) return answered.at;
		const { busMs, memoryMs, pendingMs, recoveryMs, slackMs } = this.bounds;
		const way: Part[] = ["redis", `link ${seen.instance}`];
		const doneAt =
			answered.how === "done" ? answered.at : this.timeline.settledAt(["redis"], answered.at, pendingMs);
		const calm = this.timeline.calm(way, answered.how === "done" ? sentAt : doneAt, seen.sentAt, recoveryMs);
		return doneAt + (calm ? busMs + (seen.pausedMs ?? 0) : memoryMs + slackMs);
	}

	/** Whether nothing of this thing may be given afterwards, within the window that is spoken of. */
	#ends(
		{ scope, expires = false }: PurgeRecord,
		thing: Thing,
		window: "staleMs" | "staleIfErrorMs",
	): boolean {
		if (expires && this.rules[thing.route][window] > 0) return false;
		return this.#covers(scope, thing);
	}

	#covers(scope: Scope, thing: Thing): boolean {
		if ("everything" in scope) return true;
		if ("route" in scope) return scope.route === thing.route;
		if ("thing" in scope) return nameOf(scope.thing) === nameOf(thing);
		return this.rules[thing.route].tagsOf(thing).includes(scope.tag);
	}

	/** A fill of one's own after having waited for another's that came to nothing is the longest way. */
	#late({ sentAt, receivedAt, pausedMs = 0 }: Observation): string | undefined {
		const { handlerMs, budgetMs, slackMs } = this.bounds;
		const allowed = 2 * handlerMs + budgetMs + slackMs + pausedMs;
		const took = receivedAt - sentAt;
		return took > allowed ? `took ${Math.round(took)} ms, over ${Math.round(allowed)}` : undefined;
	}

	#unanswered({ thing, status, sentAt, receivedAt, storeFailed = false }: Observation): string | undefined {
		if (status !== 503) return `is a ${status}`;
		const { handlerMs, slackMs } = this.bounds;
		const since = sentAt - BACKOFF_MS - handlerMs - slackMs;
		const failures = this.#failures.get(nameOf(thing)) ?? [];
		if (!failures.some((at) => at >= since && at <= receivedAt))
			return "is a 503 although the origin did not fail";
		if (storeFailed || !this.#hadGoodCopy(thing, receivedAt)) return undefined;
		return "is a 503 although there was a good copy";
	}

	#remember({ thing, sentAt, ttlS }: Observation): void {
		if (ttlS === undefined) return;
		const until = sentAt + ttlS * 1_000 + this.rules[thing.route].staleIfErrorMs - 1_000;
		this.#goodUntil.set(nameOf(thing), { seenAt: sentAt, until });
	}

	#hadGoodCopy(thing: Thing, at: number): boolean {
		const good = this.#goodUntil.get(nameOf(thing));
		if (!good || at > good.until) return false;
		const links = Array.from({ length: this.instances }, (_, index): Part => `link ${index}`);
		const { busMs, memoryMs, recoveryMs, slackMs } = this.bounds;
		if (!this.timeline.calm(["redis", ...links], good.seenAt - memoryMs, at, recoveryMs)) return false;
		// What was seen may have come from the memory of one who had not heard of a purge yet.
		const since = good.seenAt - busMs - slackMs;
		return !this.#purges.some(
			(purge) => purge.answered.at >= since && this.#ends(purge, thing, "staleIfErrorMs"),
		);
	}

	#changesOf(thing: Thing): number[] {
		const name = nameOf(thing);
		const changes = this.#changes.get(name) ?? [];
		this.#changes.set(name, changes);
		return changes;
	}
}

export function nameOf({ route, id, caller }: Thing): string {
	return caller === undefined ? `${route}/${id}` : `${route}/${id} of ${caller}`;
}
