import { z } from "zod";
import { BoostedTrees } from "../learning/boosted-trees.ts";
import { rentCalibration } from "../rents/calibration.ts";
import type { Model } from "./model.ts";
import { SEGMENTS } from "./segment.ts";
import { SUPPORTS } from "./support.ts";

const rates = z.object({ size: z.number(), month: z.number() });

const trees = z.unknown().transform((value, context) => {
	try {
		return BoostedTrees.decode(value);
	} catch {
		context.addIssue({ code: "custom", message: "the trees are damaged" });
		return z.NEVER;
	}
});

const layer = z.object({ level: trees, spread: trees });

const calibration = z.object({
	segment: z.enum(SEGMENTS).nullable(),
	support: z.enum(SUPPORTS).nullable(),
	n: z.int().min(1),
	range: z.number().nonnegative(),
	deviation: z.number().nonnegative(),
	coverage: z.number().min(0).max(1).nullable(),
	within10: z.array(z.object({ upTo: z.number(), share: z.number().min(0).max(1), n: z.int() })).min(1),
});

const model = z.object({
	version: z.string().min(1),
	dataFrom: z.int(),
	dataThrough: z.int(),
	sales: z.int(),
	rates: z.record(z.enum(SEGMENTS), rates),
	layers: z.object({ project: layer.optional(), area: layer.optional() }),
	calibration: z.array(calibration),
	rents: rentCalibration.optional(),
});

/** A model as plain JSON, as it is kept in the database. */
export function encodeModel({ layers, ...rest }: Model): unknown {
	const encoded = Object.entries(layers).map(([of, { level, spread }]) => [
		of,
		{ level: level.encode(), spread: spread.encode() },
	]);
	return { ...rest, layers: Object.fromEntries(encoded) };
}

/** @throws {Error} for anything that `encodeModel` did not make */
export function decodeModel(encoded: unknown): Model {
	return model.parse(encoded) as Model;
}
