import type { Random } from "../../src/lib/random.ts";
import { exp, roundTo } from "./arithmetic.ts";

/** What of a sale the dirt can change. AED and m2. */
export interface SaleFigures {
	procedure: string;
	price: number;
	size: number;
	/** The size that the procedure was about. */
	procedureSize: number;
}

/** The number's first part, for each procedure. */
export const PROCEDURE_CODES: Readonly<Record<string, number>> = {
	"Sell - Pre registration": 102,
	Sale: 11,
	"Delayed Sell": 41,
	"Development Registration Pre-Registration": 851,
	"Sell Development": 45,
	"Lease to Own Registration": 110,
	"Development Registration": 133,
	"Sale On Payment Plan": 460,
	"Delayed Development": 95,
};

const OPEN_MARKET = new Set(["Sell - Pre registration", "Sale", "Delayed Sell"]);

/** Registered like a sale, without being one on the open market. */
const NON_MARKET = {
	offPlan: [
		["Development Registration Pre-Registration", 95],
		["Sell Development", 5],
	],
	ready: [
		["Sell Development", 38],
		["Lease to Own Registration", 25],
		["Development Registration", 17],
		["Sale On Payment Plan", 15],
		["Delayed Development", 5],
	],
} as const;

const SHARES = [
	[0.5, 66],
	[0.4, 6],
	[0.33, 7],
	[0.3, 4],
	[0.25, 8],
	[0.2, 6],
	[0.67, 3],
] as const;

export function procedureOf(offPlan: boolean, isLand: boolean, random: Random): string {
	if (random.chance(offPlan ? 0.02 : 0.056))
		return random.weighted(NON_MARKET[offPlan ? "offPlan" : "ready"]);
	if (offPlan) return "Sell - Pre registration";
	return random.chance(isLand ? 0.55 : 0.11) ? "Delayed Sell" : "Sale";
}

/**
 * What happens to figures on their way into the register: shares of a home with the share's price, prices that only
 * fill the form, slips of the keyboard, sizes measured twice.
 */
export function soil(sale: SaleFigures, isReadyHome: boolean, isHome: boolean, random: Random): SaleFigures {
	if (!OPEN_MARKET.has(sale.procedure)) {
		return { ...sale, price: roundTo(sale.price * random.between(0.45, 1.1), 1) };
	}
	if (isHome && random.chance(isReadyHome ? 0.016 : 0.0025)) {
		const share = random.weighted(SHARES);
		const price = roundTo(sale.price * share * exp(random.normal(0, 0.12)), 1000);
		return { ...sale, price, procedureSize: roundTo(sale.size * share, 0.01) };
	}
	if (random.chance(isReadyHome ? 0.028 : 0.0015)) return { ...sale, price: nominalPrice(sale.size, random) };
	if (random.chance(0.0015)) return fatFinger(sale, random);
	if (random.chance(0.017)) {
		return { ...sale, procedureSize: roundTo(sale.size * random.between(0.97, 1.015), 0.01) };
	}
	return sale;
}

/** Transfers inside a family and the like: a sum far under any market. */
function nominalPrice(size: number, random: Random): number {
	const perSqm = 180 * exp(random.between(0, 2.4));
	return Math.max(1000, roundTo(size * perSqm, 500));
}

function fatFinger(sale: SaleFigures, random: Random): SaleFigures {
	const slip = random.next();
	if (slip < 0.35) return { ...sale, price: sale.price * 10 };
	if (slip < 0.6) return { ...sale, price: roundTo(sale.price / 10, 0.01) };
	// Square feet in a field for square metres.
	const size = roundTo(sale.size * 10.764, 0.01);
	return { ...sale, size, procedureSize: size };
}
