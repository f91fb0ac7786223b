import type { Database } from "../../db/client.ts";
import { listModels, loadModel, modelInUse } from "../../db/queries/models.ts";
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
			if (!known) {
				known = { current: await firstUsable(deps), before: undefined };
			} else {
				const version = await modelInUse(deps.db, METHOD);
				if (version !== known.current?.version) {
					const row = version === undefined ? undefined : await loadModel(deps.db, version);
					known = { current: row && decodeModel(row.model), before: known.current };
				}
			}
			return modelsOf(known.current, known.before);
		},
	});
}

/** The one in use or, where that is damaged, the one in use before it: who starts has none to go on with. */
async function firstUsable({ db, logger }: { db: Database; logger: Logger }): Promise<Model | undefined> {
	for (const { version } of await listModels(db, METHOD)) {
		const row = await loadModel(db, version);
		try {
			if (row) return decodeModel(row.model);
		} catch (error) {
			logger.error({ version, error }, "The valuation's model is damaged; the one before it is used");
		}
	}
	return undefined;
}

function modelsOf(current: Model | undefined, before: Model | undefined): Models {
	return {
		current,
		of: (version) => [current, before].find((model) => model !== undefined && model.version === version),
	};
}
