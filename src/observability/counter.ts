import type { Counts } from "./cache-report.ts";

/** Counts words out of few. What a caller wrote must never be one of them: there would be no end to them. */
export interface Counter {
	add(word: string): void;
	counts(): Counts;
}

export function createCounter(): Counter {
	const cells = new Map<string, { count: number }>();
	return {
		add(word) {
			const cell = cells.get(word);
			if (cell) cell.count += 1;
			else cells.set(word, { count: 1 });
		},
		counts: () => Object.fromEntries([...cells].map(([word, { count }]) => [word, count])),
	};
}
