import type { RentEstimate } from "../rents/estimate.ts";
import type { Estimate } from "./estimate.ts";
import type { Gathered } from "./gather.ts";
import type { Model } from "./model.ts";
import type { Subject } from "./subject.ts";

/** A subject with all that its answer is written from. */
export interface ValuedSubject {
	readonly subject: Subject;
	readonly estimate: Estimate;
	readonly gathered: Gathered;
	/** null with too few contracts. */
	readonly rent: RentEstimate | null;
	/** The one that the estimate was made by; undefined before any was trained. */
	readonly model: Model | undefined;
}
