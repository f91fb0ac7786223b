/** Below what the bus takes in one item, with room for what says which part it is. */
const PART_CHARS = 3_900;
/** Longer than any answer; more parts are somebody's mischief. */
const MOST_PARTS = 100;
const MOST_INSTANCES = 200;
const PART = /^([\w-]{1,64}) (\d{1,3})\/(\d{1,3}) /;

/** A text as items for the bus, each of which says whose it is and which part of how many. */
export function cutUp(instance: string, text: string): string[] {
	const count = Math.max(1, Math.ceil(text.length / PART_CHARS));
	return Array.from(
		{ length: count },
		(_, index) => `${instance} ${index}/${count} ${text.slice(index * PART_CHARS, (index + 1) * PART_CHARS)}`,
	);
}

export interface Gathered {
	/** Takes items in any order; what is no part is ignored. */
	hear(items: readonly string[]): void;
	/** Of each instance whose parts are all there, its text. */
	texts(): [instance: string, text: string][];
}

/** Puts together what several instances cut up. */
export function gather(): Gathered {
	const heard = new Map<string, (string | undefined)[]>();

	function take(item: string): void {
		const [beginning = "", instance = "", place, count] = PART.exec(item) ?? [];
		const [index, of] = [Number(place), Number(count)];
		if (beginning === "" || of > MOST_PARTS || index >= of) return;
		if (!heard.has(instance) && heard.size >= MOST_INSTANCES) return;
		const parts = heard.get(instance) ?? Array.from({ length: of }, () => undefined);
		if (parts.length !== of) return;
		parts[index] = item.slice(beginning.length);
		heard.set(instance, parts);
	}

	return {
		hear(items) {
			for (const item of items) take(item);
		},
		texts() {
			return [...heard].flatMap(([instance, parts]): [string, string][] =>
				parts.includes(undefined) ? [] : [[instance, parts.join("")]],
			);
		},
	};
}
