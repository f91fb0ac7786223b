import type { Scope } from "../../src/cli/dev/scope.ts";
import type { Finding } from "../findings.ts";
import type { Ground } from "../system/ground.ts";
import { type Instance, PATIENT, startInstance } from "../system/instance.ts";
import type { Asking, Said } from "./asking.ts";

const STORED = 20;
const LOST_FOR_MS = 5_000;
/** Of each kind one at a time, so often. */
const EVERY_MS = 25;
/** With some time for the machine beside what the product promises: a second to say so, and a second to come back. */
const STORED_WITHIN_MS = 500;
const READY_SAYS_SO_WITHIN_MS = 1_500;
const BACK_WITHIN_MS = 1_500;
/** What has not come about by then never will. */
const NEVER_MS = 30_000;

/** How the database is taken away, and brought back so that it takes connections. */
export interface Loss {
	readonly how: string;
	/** Milliseconds in which it is noticed. */
	readonly noticedMs: number;
	lose(): Promise<void> | void;
	bringBack(): Promise<void> | void;
}

/** One instance that is asked for what is stored and for what is not, while the database is lost and after. */
export async function lossFindings(
	scope: Scope,
	ground: Ground,
	asking: Asking,
	loss: Loss,
): Promise<Finding[]> {
	const instance = await startInstance(scope, ground, `database ${loss.how}`, PATIENT);
	const stored = await storedSubjects(instance, asking);
	const hits: Promise<Said>[] = [];
	const misses: Promise<Said>[] = [];

	const lostAt = performance.now();
	await loss.lose();
	const notReady = untilReadyIs(instance, false);
	for (let tick = 0; performance.now() - lostAt < LOST_FOR_MS; tick += 1) {
		const again = stored[tick % stored.length];
		if (again) hits.push(asking.value(instance, again));
		misses.push(...asking.fresh(1).map((subject) => asking.value(instance, subject)));
		await Bun.sleep(EVERY_MS);
	}
	const saidSoMs = await notReady;
	await loss.bringBack();
	const [readyMs, valuedMs] = await Promise.all([
		untilReadyIs(instance, true),
		untilValued(instance, asking),
	]);
	const [storedSaid, newSaid] = await Promise.all([Promise.all(hits), Promise.all(misses)]);
	await instance.stop();

	console.log(
		`Database ${loss.how}: ${storedSaid.length} stored answers, the slowest after ${slowest(storedSaid)} ms; ${newSaid.length} others, ` +
			`the slowest after ${slowest(newSaid)} ms. /readyz said so after ${Math.round(saidSoMs)} ms. Back: the first value ` +
			`after ${Math.round(valuedMs)} ms, ready after ${Math.round(readyMs)} ms.`,
	);
	const what = (text: string) => `database ${loss.how}: ${text}`;
	return [
		finding(
			what("what is stored is given"),
			storedSaid.filter(({ status, hit, ms }) => status !== 200 || !hit || ms > STORED_WITHIN_MS),
			storedSaid.length,
		),
		finding(
			what("what is not is a 503 with Retry-After, soon"),
			newSaid.filter(({ status, retryAfter, ms }) => status !== 503 || !retryAfter || ms > loss.noticedMs),
			newSaid.length,
		),
		within(what("/readyz says so"), saidSoMs, READY_SAYS_SO_WITHIN_MS),
		within(what("values are worked out when it is back"), valuedMs, BACK_WITHIN_MS),
		within(what("/readyz is well when it is back"), readyMs, BACK_WITHIN_MS),
	];
}

async function storedSubjects(instance: Instance, asking: Asking) {
	const valued = [];
	for (const subject of asking.fresh(2 * STORED)) {
		if ((await asking.value(instance, subject)).status === 200) valued.push(subject);
	}
	for (const subject of valued) await timeUntil(async () => (await asking.value(instance, subject)).hit);
	return valued.slice(0, STORED);
}

function untilValued(instance: Instance, asking: Asking): Promise<number> {
	return timeUntil(async () => {
		const [subject] = asking.fresh(1);
		const { status } = subject ? await asking.value(instance, subject) : { status: 0 };
		return status === 200 || status === 422;
	});
}

function untilReadyIs({ origin }: Instance, wanted: boolean): Promise<number> {
	return timeUntil(async () => {
		const response = await fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(NEVER_MS) });
		return response.ok === wanted;
	});
}

/** Milliseconds from now until it is so; infinitely many where that does not come about. */
async function timeUntil(isSo: () => Promise<boolean>): Promise<number> {
	const begun = performance.now();
	for (;;) {
		const is = await isSo().catch(() => false);
		const ms = performance.now() - begun;
		if (is) return ms;
		if (ms > NEVER_MS) return Number.POSITIVE_INFINITY;
		await Bun.sleep(10);
	}
}

function finding(what: string, wrong: readonly Said[], checked: number): Finding {
	const problems = wrong.slice(0, 5).map(({ status, ms }) => `${status} after ${Math.round(ms)} ms`);
	return { what, checked, problems };
}

function within(what: string, ms: number, atMost: number): Finding {
	const late = Number.isFinite(ms) ? `only after ${Math.round(ms)} ms` : "not at all";
	return { what, checked: 1, problems: ms <= atMost ? [] : [late] };
}

function slowest(said: readonly Said[]): number {
	return Math.round(Math.max(...said.map(({ ms }) => ms)));
}
