/** One request of an open loop; instants and times in milliseconds of the clock that was handed in. */
export interface Call {
	/** When it should have been sent, whether or not it could be. */
	readonly dueAt: number;
	readonly endedAt: number;
	/** Had no answer, or not the right one. */
	readonly failed: boolean;
}

export interface OpenLoopOptions {
	readonly perSecond: number;
	readonly clock: () => number;
	/** Asks the request of this number, from 0 on. False, or rejected, where the answer was not right. */
	readonly ask: (index: number) => Promise<boolean>;
}

/** Requests that come at their times, like those of people who know nothing of each other. */
export interface OpenLoop {
	/** Sends all that has become due since the last time. To be called often. */
	sendDue(): void;
	/** Waits until each request has ended. */
	settled(): Promise<void>;
	/** Nothing is sent any more; what has not ended fails now. All calls, in the order in which they ended. */
	end(): readonly Call[];
}

/**
 * Begins now. A slow answer delays no request after it, and each waits from the time when it was due: a server that
 * stands still for a second is asked as often in that second as in any other, and all who asked are counted.
 */
export function openLoop({ perSecond, clock, ask }: OpenLoopOptions): OpenLoop {
	const begunAt = clock();
	const calls: Call[] = [];
	/** When each was due that has not ended. */
	const waiting = new Map<number, number>();
	const asked = new Set<Promise<void>>();
	let next = 0;
	let isOver = false;

	function ended(index: number, failed: boolean): void {
		const dueAt = waiting.get(index);
		if (dueAt === undefined) return;
		waiting.delete(index);
		calls.push({ dueAt, endedAt: clock(), failed });
	}

	function send(index: number, dueAt: number): void {
		waiting.set(index, dueAt);
		const one = ask(index).then(
			(isRight) => ended(index, !isRight),
			() => ended(index, true),
		);
		asked.add(one);
		void one.then(() => asked.delete(one));
	}

	return {
		sendDue() {
			const now = clock();
			for (;;) {
				const dueAt = begunAt + (next * 1_000) / perSecond;
				if (isOver || dueAt > now) return;
				send(next, dueAt);
				next += 1;
			}
		},
		async settled() {
			while (asked.size > 0) await Promise.all(asked);
		},
		end() {
			isOver = true;
			for (const index of [...waiting.keys()]) ended(index, true);
			return calls;
		},
	};
}
