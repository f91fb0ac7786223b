import type { Database } from "../../db/client.ts";
import { loadModel, modelInUse } from "../../db/queries/models.ts";
import type { Clock } from "../lib/clock.ts";
import { type Keeper, keep } from "../lib/keeper.ts";
import type { Logger } from "../lib/logger.ts";
import { METHOD, type Model } from "./model.ts";
import { decodeModel } from "./model-codec.ts";

/** The model in use, and the one before it: what was asked for of that one is still worked out by it. */
export interface Models {
	readonly current: Model | undefined;
	/** @param version null for none: before any was trained */
	of(version: string | null): Model | undefined;
}

export type ModelKeeper = Keeper<Models>;

/** Keeps the model in memory; it is read from the database only when another one was put to use. */
export function keepModel(deps: { db: Database; clock: Clock; logger: Logger }): ModelKeeper {
	let known: { current: Model | undefined; before: Model | undefined } | undefined;
	return keep({
		...deps,
		what: "The valuation's model",
		async load() {
			const version = await modelInUse(deps.db, METHOD);
			if (!known || version !== known.current?.version) {
				const row = version === undefined ? undefined : await loadModel(deps.db, version);
				known = { current: row && decodeModel(row.model), before: known?.current };
			}
			return modelsOf(known.current, known.before);
		},
	});
}

function modelsOf(current: Model | undefined, before: Model | undefined): Models {
	return {
		current,
		of: (version) => [current, before].find((model) => model !== undefined && model.version === version),
	};
}
