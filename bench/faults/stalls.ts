/** When this process was held up, which its own figures have to be read with. */
export interface Stalls {
	/** How long a turn of the event loop was late at the most since that instant of `performance.now()`, milliseconds. */
	longestSince(instant: number): number;
	stop(): void;
}

const EVERY_MS = 2;

export function watchStalls(): Stalls {
	const late: { at: number; ms: number }[] = [];
	let before = performance.now();
	const timer = setInterval(() => {
		const at = performance.now();
		late.push({ at, ms: at - before - EVERY_MS });
		before = at;
	}, EVERY_MS);
	return {
		longestSince: (instant) =>
			late.reduce((longest, { at, ms }) => (at >= instant ? Math.max(longest, ms) : longest), 0),
		stop: () => clearInterval(timer),
	};
}
