import type { Instance } from "./instances.ts";
import { type Model, nameOf, type RouteName, type Scope, type Thing } from "./model.ts";
import { GROUPS, POLICIES } from "./rules.ts";
import { cacheStatus, type Tally } from "./tally.ts";

export interface LoadContext {
	readonly model: Model;
	readonly instances: readonly Instance[];
	readonly tally: Tally;
	readonly random: () => number;
	readonly now: () => number;
	/** Milliseconds that this process itself was held up between two instants. */
	readonly pausedBetween: (from: number, to: number) => number;
	readonly running: () => boolean;
}

const IDS = 60;
const CALLERS = 8;
const GIVEN_UP_MS = 10_000;

/** Asks, one request after the other, until it is told to stop. */
export async function ask(context: LoadContext): Promise<void> {
	while (context.running()) {
		const instance = pick(context.random, context.instances.length);
		await askFor(context, anyThing(context.random), instance);
		await Bun.sleep(context.random() * 40);
	}
}

/** Asks every instance once for everything there is. */
export async function askForAll(context: LoadContext): Promise<void> {
	for (let instance = 0; instance < context.instances.length; instance += 1) {
		for (let id = 0; id < IDS; id += 1) {
			const things = (["things", "lists"] as const).map((route) => ({ route, id }));
			await Promise.all(things.map((thing) => askFor(context, thing, instance)));
		}
	}
}

async function askFor(context: LoadContext, thing: Thing, instance: number): Promise<void> {
	const { model, tally, now, instances } = context;
	const sentAt = now();
	const phase = model.timeline.phaseAt(sentAt);
	const complain = (what: string) =>
		tally.breaches.push(
			`at ${(sentAt / 1_000).toFixed(3)} s [${phase}] instance ${instance}: ${nameOf(thing)} ${what}`,
		);
	try {
		const response = await fetch(`${instances[instance]?.url}${pathOf(thing)}`, {
			headers: thing.caller === undefined ? {} : { "X-Caller": thing.caller },
			signal: AbortSignal.timeout(GIVEN_UP_MS),
		});
		const text = await response.text();
		const receivedAt = now();
		const { outcome, ...status } = cacheStatus(response);
		tally.answered(instance, outcome, phase, receivedAt - sentAt);
		const paused = Math.max(
			Number(response.headers.get("X-Paused") ?? 0),
			context.pausedBetween(sentAt, receivedAt),
		);
		const told = response.status === 200 ? JSON.parse(text) : undefined;
		const seen = {
			thing,
			instance,
			sentAt,
			receivedAt,
			status: response.status,
			told,
			pausedMs: paused,
			...status,
		};
		for (const breach of model.check(seen)) complain(`${breach} (${response.headers.get("Cache-Status")})`);
	} catch (error) {
		tally.answered(instance, "failed", phase, now() - sentAt);
		complain(`had no answer: ${error}`);
	}
}

/** Changes what is true, and mostly has it purged, until it is told to stop. */
export async function change(context: LoadContext): Promise<void> {
	while (context.running()) {
		const { random, model, now } = context;
		const thing = anyThing(random);
		model.change(thing, now());
		if (random() < 0.7) await purge(context, scopeFor(thing, random));
		await Bun.sleep(random() * 80);
	}
}

function scopeFor(thing: Thing, random: () => number): Scope {
	const chance = random();
	if (chance < 0.02) return { everything: true };
	if (chance < 0.06) return { route: thing.route };
	if (chance < 0.15) return { tag: `group:${thing.id % GROUPS}` };
	if (chance < 0.35 || thing.route === "lists") return { thing };
	return { tag: `thing:${thing.id}` };
}

async function purge(context: LoadContext, scope: Scope): Promise<void> {
	const { model, instances, tally, now, random } = context;
	const instance = pick(random, instances.length);
	const sentAt = now();
	const expires = "tag" in scope && random() < 0.15;
	try {
		const response = await fetch(`${instances[instance]?.url}/purge`, {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify(expires ? { how: "expire", tags: [scope.tag] } : purgeOf(scope)),
			signal: AbortSignal.timeout(GIVEN_UP_MS),
		});
		if (response.status !== 200 && response.status !== 503) throw new Error(`status ${response.status}`);
		const how = response.status === 200 ? "done" : "pending";
		tally.purges[expires ? "expired" : how] += 1;
		model.purgeAnswered({ scope, expires, instance, sentAt, answered: { at: now(), how } });
	} catch (error) {
		tally.breaches.push(`at ${(sentAt / 1_000).toFixed(3)} s instance ${instance}: a purge failed: ${error}`);
	}
}

function purgeOf(scope: Scope): object {
	if ("tag" in scope) return { tags: [scope.tag] };
	if ("route" in scope) return { prefix: POLICIES[scope.route].prefix };
	if ("everything" in scope) return { everything: true };
	return { path: pathOf(scope.thing), caller: scope.thing.caller ?? "" };
}

function anyThing(random: () => number): Thing {
	const chance = random();
	const route: RouteName = chance < 0.5 ? "things" : chance < 0.75 ? "lists" : "mine";
	const id = zipf(random, IDS);
	return route === "mine" ? { route, id, caller: `caller-${zipf(random, CALLERS)}` } : { route, id };
}

function pathOf({ route, id }: Thing): string {
	return `/${route}/${id}`;
}

function pick(random: () => number, count: number): number {
	return Math.floor(random() * count);
}

/** 0 is asked for twice as often as 1, three times as often as 2. */
function zipf(random: () => number, count: number): number {
	let left = random() * harmonic(count);
	for (let index = 0; index < count; index += 1) {
		left -= 1 / (index + 1);
		if (left < 0) return index;
	}
	return count - 1;
}

function harmonic(count: number): number {
	let sum = 0;
	for (let index = 1; index <= count; index += 1) sum += 1 / index;
	return sum;
}
