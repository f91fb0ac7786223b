import { type Ask, createAsks, varied } from "../../scripts/load/asks.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { createRandom, type Random } from "../../src/lib/random.ts";
import { asking, type Subject, valuationRequest } from "../market/subjects.ts";
import type { BenchRequest, Target } from "../measure/request.ts";

/** A kind of work that servers are given for one slice of time. */
export interface Work {
	readonly name: string;
	/** Of all answers, the share that may be that there is too little evidence: wrk takes those for errors. */
	readonly tooRare: number;
	/** Whether what is asked a second time is another kind of work. */
	readonly once: boolean;
	/** What to ask, new for each slice where it has to be new. */
	next(): Omit<Target, "port">;
}

/** Popular enough to stay in every server's memory. */
const POPULAR = 200;
/** For a second of a slice; whoever asks faster is told. */
const MIXED_PER_SECOND = 12_000;
const MISSES_PER_SECOND = 1_500;
const VARIED_BY = 0.1;
const TRIES = 1_000;

/**
 * Hits alone, the mix of `bun run load` (two of a hundred are properties that nobody asked for), and properties alone that nobody
 * asked for.
 *
 * @param subjects that have a value, which is stored
 * @param seconds that a slice takes at the most
 */
export function worksOf(subjects: readonly Subject[], token: string, seed: number, seconds: number): Work[] {
	const popular = subjects.slice(0, POPULAR).map((subject) => valuationRequest(subject, token));
	const fresh = freshSubjects(subjects, createRandom(seed, 3));
	let slice = 0;
	return [
		{ name: "hits", tooRare: 0, once: false, next: () => ({ requests: popular }) },
		{
			name: "mix",
			tooRare: 0.005,
			once: true,
			next() {
				slice += 1;
				const { asks, order } = createAsks(subjects, MIXED_PER_SECOND * seconds, seed + slice);
				return { requests: asks.map((ask) => requestOf(ask, token)), order };
			},
		},
		{
			name: "misses",
			tooRare: 0.05,
			once: true,
			next: () => ({
				requests: Array.from({ length: MISSES_PER_SECOND * seconds }, () => valuationRequest(fresh(), token)),
			}),
		},
	];
}

/** Gives properties that it never gave before. @throws {TerminalError} once there are hardly any left */
function freshSubjects(subjects: readonly Subject[], random: Random): () => Subject {
	const given = new Set<string>();
	return () => {
		for (let attempt = 0; attempt < TRIES; attempt += 1) {
			const subject = varied(random.pick(subjects), random.between(-VARIED_BY, VARIED_BY));
			const key = JSON.stringify(subject);
			if (given.has(key)) continue;
			given.add(key);
			return subject;
		}
		throw new TerminalError(
			`There are no more than ${given.size} different properties: ask for more --subjects`,
		);
	};
}

function requestOf({ method, path, body }: Ask, token: string): BenchRequest {
	const headers = { ...asking(token), "Content-Type": "application/json" };
	return { method, path, headers, ...(body !== undefined && { body }) };
}
