import type { Bus } from "../../../src/cache/bus.ts";

/** A bus between instances of one process, whose links can be cut. */
export interface LocalBusHub {
	join(): LocalBus;
}

export interface LocalBus extends Bus {
	/** Nothing is heard any more; what others say is lost. */
	cut(): void;
	/** Hears again, and knows of the gap. */
	mend(): void;
}

export function createLocalBusHub(): LocalBusHub {
	const members = new Set<(topic: string, items: readonly string[]) => void>();

	return {
		join() {
			const listeners = new Map<string, Set<(items: readonly string[]) => void>>();
			const gapListeners = new Set<() => void>();
			let connected = true;

			function hear(topic: string, items: readonly string[]): void {
				if (!connected) return;
				for (const listener of listeners.get(topic) ?? []) listener(items);
			}

			members.add(hear);
			return {
				async publish(topic, items) {
					if (!connected) throw new Error("connection lost");
					for (const member of members) if (member !== hear) member(topic, items);
				},
				on(topic, listener) {
					const set = listeners.get(topic) ?? new Set();
					listeners.set(topic, set.add(listener));
					return () => void set.delete(listener);
				},
				onGap(listener) {
					gapListeners.add(listener);
					return () => void gapListeners.delete(listener);
				},
				get connected() {
					return connected;
				},
				async close() {
					members.delete(hear);
				},
				cut() {
					connected = false;
				},
				mend() {
					connected = true;
					for (const listener of gapListeners) listener();
				},
			};
		},
	};
}
