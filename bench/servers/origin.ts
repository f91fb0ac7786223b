import { JSON_TYPE, type Payload, payload } from "./payloads.ts";

/** What stands behind every cache: makes the payloads, and answers `/work/:id`, which takes its time and is counted. */
export interface Origin {
	payload(kind: string, id: string): string;
	work(id: string): Promise<string>;
	/** How often `work` ran. */
	readonly runs: number;
}

const KINDS = new Set(["A", "B", "C"]);

export function createOrigin(handlerMs: number): Origin {
	let runs = 0;
	// Made once, so that no server is slower for making them.
	const made = new Map<string, string>();
	return {
		payload(kind, id) {
			if (!KINDS.has(kind)) throw new TypeError(`There is no payload ${kind}`);
			const name = `${kind}/${id}`;
			const text = made.get(name) ?? payload(kind as Payload, id);
			made.set(name, text);
			return text;
		},
		async work(id) {
			runs += 1;
			const run = runs;
			await Bun.sleep(handlerMs);
			return JSON.stringify({ id, run });
		},
		get runs() {
			return runs;
		},
	};
}

export { JSON_TYPE };
