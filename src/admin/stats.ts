import type { Context } from "hono";
import type { Cache, StoreUsage } from "../cache/index.ts";
import type { AppEnv } from "../http/env.ts";
import type { Clock } from "../lib/clock.ts";
import { within } from "../lib/within.ts";
import { answer } from "./answer.ts";
import { describeStats, type TakenCensus } from "./describe-stats.ts";
import { nothingAsked, readQuery } from "./input.ts";
import { type InstanceStats, readInstanceStats } from "./instance.ts";
import type { RollCall } from "./roll-call.ts";

export interface StatsDeps {
	cache: Cache;
	clock: Clock;
	/** The name of the cache's store. */
	store: string;
	rollCall: RollCall;
}

/** Counting walks through the whole store: it is not done for every frame of somebody's display. */
const CENSUS_LASTS_MS = 10_000;
const CENSUS_WITHIN_MS = 800;
/** A store that is silent is left out, and all else told. */
const STORE_WITHIN_MS = 1_200;

/** GET /cache/stats — what happened in the caches of all instances together, and what the store holds. */
export function statsRoute({ cache, clock, store, rollCall }: StatsDeps) {
	let taken: TakenCensus | undefined;

	async function census(): Promise<TakenCensus> {
		const age = clock() - (taken?.at ?? Number.NEGATIVE_INFINITY);
		if (taken && age >= 0 && age < CENSUS_LASTS_MS) return taken;
		const counted = await cache.census({ withinMs: CENSUS_WITHIN_MS });
		taken = { ...counted, at: clock() };
		return taken;
	}

	return async function stats(c: Context<AppEnv>): Promise<Response> {
		readQuery(c, nothingAsked);
		const [answers, counted, usage] = await Promise.all([
			rollCall.ask(),
			ifItAnswers(census),
			ifItAnswers<StoreUsage>(cache.usage),
		]);
		const instances = answers
			.map((said) => readInstanceStats(said.answer))
			.filter((known): known is InstanceStats => known !== undefined);
		return answer(c, describeStats({ instances, census: counted, store, usage, now: clock() }));
	};
}

async function ifItAnswers<T>(ask: () => Promise<T>): Promise<T | undefined> {
	try {
		return await within(STORE_WITHIN_MS, ask());
	} catch {
		return undefined;
	}
}
