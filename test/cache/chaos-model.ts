import type { CacheStore, Coordination, Generations, Invalidation } from "../../src/cache/store.ts";
import { compareMarks } from "../../src/cache/tags.ts";
import type { ChaoticStore } from "./chaos.ts";
import { seededRandom } from "./support/random.ts";

const KEYS = ["k:a", "k:b", "k:c"];
const TAGS = ["t:a", "t:b"];
const TTL_MS = 60_000;
/** Short, as many a lease is won by somebody who never hears of it. */
const LEASE_MS = 25;
/** Within which the calls of one round begin. */
const SPREAD_MS = 10;

/** What a value says about itself: for whom it was made, from which marks, and when these and its lease were had. */
interface Made {
	readonly key: string;
	readonly generations: Generations;
	readonly marksHadAt: number;
	readonly leaseHadAt: number;
}

interface Removal {
	readonly of: string;
	readonly how: Invalidation | "evict";
	readonly begunAt: number;
	readonly doneAt: number;
}

export interface ChaosReport {
	readonly reads: number;
	readonly stored: number;
	readonly removals: number;
	/** Pairs of an entry and a removal that it must not have outlived. */
	readonly judged: number;
	readonly rejected: number;
	/** What must not have been seen, in words. */
	readonly wrong: readonly string[];
}

export interface ChaosRun {
	/** The store under test, by whatever wrappers. */
	store: CacheStore;
	/** Where the faults are made. */
	chaos: ChaoticStore;
	seed: number;
	rounds: number;
	/** How many pairs have to be judged before the run may end. It lasts four times the rounds at the most. */
	judged?: number;
}

/**
 * Reads, fills, purges, expires and evicts, twenty at a time, and watches that a call either rejects or is right. Time
 * is a count of what was seen here: only what had ended before something else began is held against a store.
 */
export async function runChaos({ store, chaos, seed, rounds, judged = 0 }: ChaosRun): Promise<ChaosReport> {
	const random = seededRandom(seed);
	const coordination = store.coordination as Coordination;
	const removals: Removal[] = [];
	const wrong: string[] = [];
	const counts = { reads: 0, stored: 0, judged: 0, rejected: 0 };
	let time = 0;
	let tokens = 0;

	const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
	const readMarks = async (): Promise<Generations> => {
		const marks = await coordination.generations(TAGS);
		return Object.fromEntries(TAGS.map((tag, index) => [tag, marks[index] as string]));
	};

	async function read(key: string): Promise<void> {
		const askedAt = ++time;
		const [hit, marks] = await Promise.all([store.get(key), readMarks()]);
		counts.reads += 1;
		if (hit) judge(key, parse(hit.value), marks, askedAt);
	}

	function judge(key: string, made: Made, marks: Generations, askedAt: number): void {
		if (made.key !== key) wrong.push(`${key} had what was made for ${made.key}`);
		for (const { of, how, begunAt, doneAt } of removals) {
			if (doneAt > askedAt) continue;
			if (how === "evict") {
				if (of === key && made.leaseHadAt < begunAt) wrong.push(`${key} outlived its eviction`);
			} else if (made.marksHadAt < begunAt) {
				counts.judged += 1;
				const verdict = compareMarks(made.generations[of], marks[of] as string);
				if (verdict === "same" || (how === "purge" && verdict !== "purged")) {
					wrong.push(`${key} is ${verdict} after a ${how} of ${of}`);
				}
			}
		}
	}

	async function fill(key: string, handlerMs: number): Promise<void> {
		tokens += 1;
		const token = `token-${tokens}`;
		const generations = await readMarks();
		const marksHadAt = ++time;
		const claim = await coordination.acquire(key, token, LEASE_MS);
		if (claim.state !== "won") return;
		const made: Made = { key, generations, marksHadAt, leaseHadAt: ++time };
		await sleep(handlerMs);
		try {
			const outcome = await coordination.commit(key, serialise(made), TTL_MS, { token, generations });
			if (outcome === "stored") counts.stored += 1;
		} catch (error) {
			await coordination.release(key, token).catch(() => {});
			throw error;
		}
	}

	async function remove(how: Removal["how"], of: string): Promise<void> {
		const begunAt = ++time;
		await (how === "evict" ? coordination.evict(of) : coordination.invalidate([of], how));
		removals.push({ of, how, begunAt, doneAt: ++time });
	}

	async function anything(): Promise<void> {
		// All is drawn before anything is awaited, so that a seed stands for one sequence of calls.
		const choice = random();
		const [key, tag, how] = [one(KEYS), one(TAGS), one(["purge", "expire", "evict", "evict"] as const)];
		const [pauseMs, handlerMs] = [random() * SPREAD_MS, random() * SPREAD_MS];
		await sleep(pauseMs);
		if (choice < 0.4) return read(key);
		if (choice < 0.86) return fill(key, handlerMs);
		return remove(how, how === "evict" ? key : tag);
	}

	function counted(call: Promise<void>): Promise<void> {
		return call.catch(() => {
			counts.rejected += 1;
		});
	}

	// How calls fall together hangs on the machine: on a busy one, fewer entries live to see a removal.
	for (let round = 0; round < rounds || (counts.judged < judged && round < 4 * rounds); round += 1) {
		await settledLettingGo(
			chaos,
			Array.from({ length: 20 }, () => counted(anything())),
		);
		// Nothing else is under way: whatever outlived its removal shows now.
		await settledLettingGo(
			chaos,
			[...KEYS, ...KEYS].map((key) => counted(read(key))),
		);
	}
	return { ...counts, removals: removals.length, wrong };
}

async function settledLettingGo(chaos: ChaoticStore, calls: Promise<unknown>[]): Promise<void> {
	let open = true;
	const all = Promise.all(calls).finally(() => {
		open = false;
	});
	while (open) {
		await Promise.race([all, sleep(3)]);
		chaos.letGo();
	}
}

function sleep(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

function serialise(made: Made): Uint8Array {
	return new TextEncoder().encode(JSON.stringify(made));
}

function parse(value: Uint8Array): Made {
	return JSON.parse(new TextDecoder().decode(value)) as Made;
}
