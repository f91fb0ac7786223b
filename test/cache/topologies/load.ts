import type { Instance } from "../processes/cluster.ts";

/** One request and what came of it. */
export interface Asked {
	readonly instance: Instance;
	readonly id: string;
	/** Milliseconds of `performance.now()`. */
	readonly begunAt: number;
	readonly endedAt: number;
	/** 0 where there was no answer. */
	readonly status: number;
	readonly text: string;
	readonly hit: boolean;
}

export interface Load {
	readonly asked: readonly Asked[];
	stop(): Promise<void>;
}

/** Asks each instance in turn for each thing in turn, so many times a second in all, whatever becomes of the answers. */
export function startLoad(instances: readonly Instance[], ids: readonly string[], perSecond: number): Load {
	const asked: Asked[] = [];
	const underWay = new Set<Promise<void>>();
	const begun = performance.now();
	let sent = 0;

	async function ask(turn: number): Promise<void> {
		const instance = instances[turn % instances.length] as Instance;
		const id = ids[Math.floor(turn / instances.length) % ids.length] as string;
		const begunAt = performance.now();
		try {
			const response = await instance.get(id);
			const text = await response.text();
			const hit = response.headers.get("Cache-Status")?.includes(";hit") === true;
			asked.push({ instance, id, begunAt, endedAt: performance.now(), status: response.status, text, hit });
		} catch (error) {
			asked.push({
				instance,
				id,
				begunAt,
				endedAt: performance.now(),
				status: 0,
				text: String(error),
				hit: false,
			});
		}
	}

	const timer = setInterval(() => {
		const due = ((performance.now() - begun) / 1_000) * perSecond;
		while (sent < due) {
			const one = ask(sent).finally(() => underWay.delete(one));
			underWay.add(one);
			sent += 1;
		}
	}, 5);

	return {
		asked,
		async stop() {
			clearInterval(timer);
			await Promise.all(underWay);
		},
	};
}

/** Milliseconds from a moment on until, for good, nothing was missed. */
export function missedUntil(asked: readonly Asked[], from: number): number {
	const missed = asked.filter(({ begunAt, hit }) => begunAt > from && !hit);
	return Math.max(0, ...missed.map(({ endedAt }) => endedAt - from));
}

export function slowest(asked: readonly Asked[], share = 1): number {
	const times = asked.map(({ begunAt, endedAt }) => endedAt - begunAt).sort((one, other) => one - other);
	return times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? 0;
}
