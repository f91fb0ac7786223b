import { cacheStatus, isHit, partsOf, textOf } from "../../bench/measure/connection.ts";
import type { Ask, Echo } from "./asks.ts";

/**
 * How a request ended. `stored` is a miss whose answer is kept now; `fresh` is any other answer that was worked out.
 * `refused` is a 503 by the service itself that says when to ask again, or a list of properties in which it says so of one.
 * Everything else is a failure, named by what went wrong.
 */
export const FINE = ["hit", "stale", "stored", "fresh"] as const;
export const REFUSED = "refused";

export type Outcome = (typeof FINE)[number] | typeof REFUSED | (string & {});

export interface Judge {
	/** @param bytes a whole answer as it came over the wire */
	outcome(ask: Ask, head: string, bytes: Buffer): Outcome;
}

/** Reads every answer in full, but one that is the same as the last right one, byte for byte, only so far. */
export function createJudge(): Judge {
	const right = new Map<Ask, Buffer>();
	return {
		outcome(ask, head, bytes) {
			const status = Number(head.slice(9, 12));
			if (status === 503 && /^retry-after: *\d/im.test(head) && isFromInstance(head)) return REFUSED;
			if (status === 422 && ask.kind === "variant") return tooRare(head, bytes);
			if (status !== 200) return `status ${status}`;
			const { body } = partsOf(bytes);
			if (!right.get(ask)?.equals(body)) {
				const text = textOf({ head, body });
				if (ask.kind === "batch") {
					if (text.includes('"urn:retyn:problem:timed-out"')) return "status 504 in a list";
					if (text.includes('"urn:retyn:problem:unavailable"')) return REFUSED;
				}
				if (!isPlausible(ask, text)) return "wrong body";
				right.set(ask, Buffer.from(body));
			}
			return servedFrom(head);
		},
	};
}

/** Of a size that nobody asked for before there may be too few others to compare with, and that is the right answer. */
function tooRare(head: string, bytes: Buffer): Outcome {
	const { body } = partsOf(bytes);
	return textOf({ head, body }).includes('"urn:retyn:problem:insufficient-evidence"')
		? "fresh"
		: "status 422";
}

/** A balancer that finds no instance says 503 as well, which is not what was promised. */
function isFromInstance(head: string): boolean {
	return /^x-request-id: /im.test(head);
}

function servedFrom(head: string): Outcome {
	if (isHit({ head })) return /;\s*ttl=-/.test(cacheStatus({ head })) ? "stale" : "hit";
	return /;\s*stored\b/.test(cacheStatus({ head })) ? "stored" : "fresh";
}

/** Whether that is an answer to what was asked. */
export function isPlausible({ kind, echoes }: Ask, text: string): boolean {
	try {
		const answer = JSON.parse(text);
		if (kind === "list") return Array.isArray(answer) && answer.length > 0 && answer.every(isName);
		if (kind !== "batch") return isValueOf(answer.valuation, echoes[0]);
		return (
			answer.results.length === echoes.length &&
			echoes.every((echo, index) => isValueOf(answer.results[index].valuation, echo))
		);
	} catch {
		return false;
	}
}

function isName(value: unknown): boolean {
	return typeof value === "string" && value !== "";
}

interface Valuation {
	readonly estimated_value: number;
	readonly subject: Echo;
}

function isValueOf(valuation: Valuation, echo: Echo | undefined): boolean {
	const { estimated_value: value, subject } = valuation;
	return (
		value > 0 &&
		subject.property_type === echo?.property_type &&
		subject.area === echo.area &&
		subject.size_sqm === echo.size_sqm
	);
}
