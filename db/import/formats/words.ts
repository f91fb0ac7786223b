import { needed } from "../cells.ts";
import { Rejection } from "../errors.ts";

/** Words of the sources that stand for one of few meanings; a word that is not in the table is a rejected row. */
export function meaning<T>(table: Record<string, T>, text: string | undefined, field: string): T {
	const word = needed(text, field).toLowerCase();
	const found = Object.hasOwn(table, word) ? table[word] : undefined;
	if (found === undefined) throw new Rejection(`unknown-${field}`);
	return found;
}

export const GROUPS = {
	sale: "sale",
	sales: "sale",
	mortgage: "mortgage",
	mortgages: "mortgage",
	gift: "gift",
	gifts: "gift",
} as const;

export const STATUSES = {
	ready: "Ready",
	"off-plan": "Off-Plan",
	"existing properties": "Ready",
	"off-plan properties": "Off-Plan",
} as const;

export const CONTRACT_KINDS = { new: "new", renew: "renewed", renewed: "renewed" } as const;

export function freehold(text: string | undefined): boolean | undefined {
	switch (text?.toLowerCase()) {
		case "free hold":
		case "1":
		case "1.0":
			return true;
		case "non free hold":
		case "0":
		case "0.0":
			return false;
		default:
			return undefined;
	}
}
