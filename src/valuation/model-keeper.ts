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

/** Models by version, for applications that live shorter than the process. */
export type ModelMemory = Map<string, Model>;

export interface ModelDeps {
	db: Database;
	clock: Clock;
	logger: Logger;
	/** Where it is looked for before it is read. @default nowhere */
	memory?: ModelMemory | undefined;
}

/** Keeps the model in memory; it is read from the database only when another one was put to use. */
export function keepModel(deps: ModelDeps): ModelKeeper {
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
					const current = version === undefined ? undefined : await read(deps, version);
					known = { current, before: known.current };
				}
			}
			return modelsOf(known.current, known.before);
		},
	});
}

/** The one in use or, where that is damaged, the one in use before it: who starts has none to go on with. */
async function firstUsable(deps: ModelDeps): Promise<Model | undefined> {
	const { db, logger } = deps;
	for (const { version } of await listModels(db, METHOD)) {
		try {
			return await read(deps, version);
		} catch (error) {
			if (!(error instanceof DamagedModel)) throw error;
			logger.error({ version, error }, "The valuation's model is damaged; the one before it is used");
		}
	}
	return undefined;
}

class DamagedModel extends Error {
	override readonly name = "DamagedModel";
}

/** @throws {DamagedModel} when it cannot be understood */
async function read({ db, memory }: ModelDeps, version: string): Promise<Model | undefined> {
	const remembered = memory?.get(version);
	if (remembered) return remembered;
	const row = await loadModel(db, version);
	if (!row) return undefined;
	let model: Model;
	try {
		model = decodeModel(row.model);
	} catch (cause) {
		throw new DamagedModel(`The model ${version} cannot be read`, { cause });
	}
	// One at a time: each is some megabytes.
	memory?.clear();
	memory?.set(version, model);
	return model;
}

function modelsOf(current: Model | undefined, before: Model | undefined): Models {
	return {
		current,
		of: (version) => [current, before].find((model) => model !== undefined && model.version === version),
	};
}
