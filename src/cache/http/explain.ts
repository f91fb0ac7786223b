import type { Context } from "hono";
import type { BypassReason, RefusalReason } from "../events.ts";
import type { Look } from "../types.ts";
import type { KeyedInput } from "./keyed-input.ts";

/** What the cache would do with a request, and why. It names what is keyed, so it is for those who run the service. */
export type Explanation =
	/** Somebody before `cached()` answered: not signed in, not valid, no such route. */
	| { readonly reached: false; readonly status: number }
	| { readonly reached: true; readonly policy: string; readonly bypass: BypassReason }
	| ({
			readonly reached: true;
			readonly policy: string;
			/** Name of the entry in the store. */
			readonly key: string;
			readonly parts: {
				readonly version: number;
				readonly caller: readonly string[];
				readonly input: KeyedInput;
			};
			readonly tags: readonly string[];
			/** Whether it would be answered from the cache at once. */
			readonly served: boolean;
			/** Why this process did not store the last answer that it had for this key. */
			readonly notStored?: RefusalReason;
	  } & Look);

/** Under this name, in the environment of the one request, `cached()` finds where to put its explanation. */
const SLOT: unique symbol = Symbol("explain");

interface Slot {
	explanation?: Explanation;
}

/**
 * Sends a request through the application up to `cached()`, which then tells what it would do instead of doing it. No
 * handler behind it runs and no event is counted; what stands before it (authentication, limits) runs as always.
 */
export async function explain(
	fetch: (request: Request, env: object) => Response | Promise<Response>,
	request: Request,
	env: object = {},
): Promise<Explanation> {
	const slot: Slot = {};
	const response = await fetch(request, Object.assign(Object.create(env), { [SLOT]: slot }));
	await response.body?.cancel();
	return slot.explanation ?? { reached: false, status: response.status };
}

/** Whether this request came from `explain`; then who calls this owes it an explanation. */
export function explaining(c: Context): ((explanation: Explanation) => void) | undefined {
	const slot = (c.env as { [SLOT]?: Slot } | undefined)?.[SLOT];
	return (
		slot &&
		((explanation) => {
			slot.explanation = explanation;
		})
	);
}
