import type { Scope } from "../../src/cli/dev/scope.ts";
import type { Finding } from "../monitoring/report.ts";
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
	const backAt = performance.now();
	const ready = untilReadyIs(instance, true);
	const valuedMs = await untilValued(instance, asking, backAt);
	const readyMs = await ready;
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
	for (const subject of valued) {
		while (!(await asking.value(instance, subject)).hit) await Bun.sleep(10);
	}
	return valued.slice(0, STORED);
}

async function untilValued(instance: Instance, asking: Asking, since: number): Promise<number> {
	for (;;) {
		const [subject] = asking.fresh(1);
		if (subject && (await asking.value(instance, subject)).status < 500) return performance.now() - since;
		await Bun.sleep(10);
	}
}

async function untilReadyIs({ origin }: Instance, wanted: boolean): Promise<number> {
	const begun = performance.now();
	while ((await fetch(`${origin}/readyz`)).ok !== wanted) await Bun.sleep(20);
	return performance.now() - begun;
}

function finding(what: string, wrong: readonly Said[], checked: number): Finding {
	const problems = wrong.slice(0, 5).map(({ status, ms }) => `${status} after ${Math.round(ms)} ms`);
	return { what, checked, problems };
}

function within(what: string, ms: number, atMost: number): Finding {
	return { what, checked: 1, problems: ms <= atMost ? [] : [`only after ${Math.round(ms)} ms`] };
}

function slowest(said: readonly Said[]): number {
	return Math.round(Math.max(...said.map(({ ms }) => ms)));
}
