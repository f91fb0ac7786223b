import { LRUCache } from "lru-cache";
import type { Clock } from "./clock.ts";

const REMEMBER_MS = 10_000;
const MAX_KEYS = 10_000;
/** Runs of one key's handler at a time, while each caller needs a run of their own. */
const AT_ONCE = 16;

/**
 * Keys whose answers lately could not be shared. Those who ask for them do not wait for each other, or they would pass
 * one by one; but only so many pass at a time.
 */
export interface Passage {
	/** This key's answer could not be shared: for 10 s each caller runs alone. */
	open(key: string): void;
	isOpen(key: string): boolean;
	close(key: string): void;
	/** Runs when there is room; "no-room" where there was none for `patienceMs`. */
	pass<T>(key: string, patienceMs: number, run: () => Promise<T>): Promise<T | "no-room">;
}

interface Queue {
	running: number;
	/** Hand a place to one who waits. */
	readonly waiting: Set<() => void>;
}

export function createPassage(clock: Clock): Passage {
	const openUntil = new LRUCache<string, number>({ max: MAX_KEYS });
	const queues = new Map<string, Queue>();

	return {
		open: (key) => void openUntil.set(key, clock() + REMEMBER_MS),
		isOpen(key) {
			const leftMs = (openUntil.get(key) ?? 0) - clock();
			// More is left than there ever was when the clock was set back.
			return leftMs > 0 && leftMs <= REMEMBER_MS;
		},
		close: (key) => void openUntil.delete(key),
		async pass(key, patienceMs, run) {
			const queue = queues.get(key) ?? { running: 0, waiting: new Set() };
			queues.set(key, queue);
			if (queue.running < AT_ONCE) queue.running += 1;
			else if (!(await roomIn(queue, patienceMs))) return "no-room";
			try {
				return await run();
			} finally {
				// The place is handed on, not given back, so that nobody slips in between.
				const [next] = queue.waiting;
				if (next) next();
				else queue.running -= 1;
				if (queue.running === 0) queues.delete(key);
			}
		},
	};
}

/** Whether a place was handed over in time. */
function roomIn({ waiting }: Queue, patienceMs: number): Promise<boolean> {
	return new Promise((resolve) => {
		const leave = (hasRoom: boolean) => {
			clearTimeout(timer);
			waiting.delete(enter);
			resolve(hasRoom);
		};
		const enter = () => leave(true);
		const timer = setTimeout(leave, patienceMs, false);
		waiting.add(enter);
	});
}
