import { cleaner } from "../support/cleaner.ts";
import { seededRandom } from "../support/random.ts";
import { createTestRedis } from "../support/redis.ts";
import { sleepWhile, spoil } from "./faults.ts";
import { type InstanceState, type Sabotage, startInstance } from "./instances.ts";
import { type Link, startLink } from "./link.ts";
import { ask, askForAll, change, type LoadContext } from "./load.ts";
import { type Bounds, Model } from "./model.ts";
import { startOrigin } from "./origin.ts";
import { BOUNDS, RULES } from "./rules.ts";
import { Tally } from "./tally.ts";
import { Timeline } from "./timeline.ts";

export interface SoakOptions {
	seconds: number;
	seed: number;
	/** Without, nothing goes wrong but what the origin does. */
	faults: boolean;
	/** Requests under way at once. Default 32. */
	askers?: number;
	sabotage?: readonly Sabotage[];
	bounds?: Partial<Bounds>;
	/** Ends it early. */
	enough?: (tally: Tally) => boolean;
}

export interface SoakResult {
	readonly tally: Tally;
	readonly pids: readonly number[];
	/** Of each instance, when it was warm and at the end. */
	readonly memory: readonly { readonly warm: InstanceState; readonly end: InstanceState }[];
	readonly originRuns: number;
}

const INSTANCES = 2;
const CHANGERS = 2;

/** Two processes on one Redis under load, purges and faults, and a model that knows what each answer may be. */
export async function soak({
	seconds,
	seed,
	sabotage = [],
	enough = () => false,
	...options
}: SoakOptions): Promise<SoakResult> {
	const { askers = 32 } = options;
	const cleanUp = cleaner();
	const begun = performance.now();
	const now = () => performance.now() - begun;
	// One sequence for each purpose: what they draw does not depend on who comes first.
	const random = (purpose: number) => seededRandom(seed * 1_000 + purpose);
	const timeline = new Timeline();
	const model = new Model(RULES, { ...BOUNDS, ...options.bounds }, timeline, INSTANCES);
	const tally = new Tally(INSTANCES);
	let endAt = Number.POSITIVE_INFINITY;
	const running = () => now() < endAt && !enough(tally);
	try {
		const redis = await createTestRedis();
		cleanUp.later(() => redis.stop());
		const origin = startOrigin(model, random(1), now);
		cleanUp.later(() => origin.stop());
		const links: Link[] = [];
		for (let index = 0; index < INSTANCES; index += 1) {
			const link = await startLink(redis.port);
			cleanUp.later(() => link.stop());
			links.push(link);
		}
		const instances = await Promise.all(
			links.map(async ({ port: linkPort }) => {
				const instance = startInstance({ redisPort: redis.port, linkPort, origin: origin.url, sabotage });
				cleanUp.later(async () => (await instance.catch(() => undefined))?.stop());
				return instance;
			}),
		);
		const pauses = watchPauses(now);
		cleanUp.later(pauses.stop);
		const context: Omit<LoadContext, "random"> = {
			model,
			instances,
			tally,
			now,
			running,
			pausedBetween: pauses.between,
		};
		endAt = now() + seconds * 1_000;
		const load = [
			...Array.from({ length: askers }, (_, index) => ask({ ...context, random: random(100 + index) })),
			...Array.from({ length: CHANGERS }, (_, index) => change({ ...context, random: random(200 + index) })),
		];
		const pace = Math.min(1, seconds / 40);
		const spoilt = options.faults
			? spoil({ redis, links, origin, timeline, tally, random: random(2), now, running, pace })
			: undefined;
		await sleepWhile(running, Math.min(10_000, seconds * 250));
		const warm = await Promise.all(instances.map((instance) => instance.state()));
		await Promise.all([...load, spoilt]);
		if (tally.breaches.length === 0) await askForAll({ ...context, random: random(3) });
		const end = await Promise.all(instances.map((instance) => instance.state()));
		return {
			tally,
			pids: instances.map(({ pid }) => pid),
			memory: warm.map((state, index) => ({ warm: state, end: end[index] ?? state })),
			originRuns: origin.runs,
		};
	} finally {
		endAt = 0;
		await cleanUp.run();
	}
}

/** When this process did not get to run: what it measured then took longer than it seems. */
function watchPauses(now: () => number) {
	const every = 10;
	const pauses: { from: number; to: number }[] = [];
	let last = now();
	const timer = setInterval(() => {
		const at = now();
		if (at - last > 2 * every) pauses.push({ from: last + every, to: at });
		if (pauses.length > 2_000) pauses.splice(0, 1_000);
		last = at;
	}, every);
	return {
		between(from: number, to: number) {
			const within = pauses.filter((pause) => pause.to >= from && pause.from <= to);
			return within.reduce((sum, pause) => sum + pause.to - pause.from, 0);
		},
		stop: () => clearInterval(timer),
	};
}
