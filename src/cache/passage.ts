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
	/** Runs when there is room. */
	pass<T>(key: string, run: () => Promise<T>): Promise<T>;
}

export function createPassage(clock: Clock): Passage {
	const openUntil = new LRUCache<string, number>({ max: MAX_KEYS });
	const queues = new Map<string, { running: number; waiting: (() => void)[] }>();

	return {
		open: (key) => void openUntil.set(key, clock() + REMEMBER_MS),
		isOpen: (key) => (openUntil.get(key) ?? 0) > clock(),
		close: (key) => void openUntil.delete(key),
		async pass(key, run) {
			const queue = queues.get(key) ?? { running: 0, waiting: [] };
			queues.set(key, queue);
			if (queue.running >= AT_ONCE) await new Promise<void>((resolve) => queue.waiting.push(resolve));
			else queue.running += 1;
			try {
				return await run();
			} finally {
				// The place is handed on, not given back, so that nobody slips in between.
				const next = queue.waiting.shift();
				if (next) next();
				else queue.running -= 1;
				if (queue.running === 0) queues.delete(key);
			}
		},
	};
}
