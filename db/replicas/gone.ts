import { codeOf, isUnreached } from "../driver-query.ts";

/** What a replica's pool says when none of its connections was to be had (class 53 of PostgreSQL's codes). */
const BUSY = /^53\w{3}$/;
/** The replica ends a query that is in the way of what it has to replay: it is well. */
const IN_THE_WAY = /^(40001|40P01)$/;

export type Loss = "gone" | "refused";

/** How a read was lost that another server can answer; undefined where it would fail there as well. */
export function lossOf(error: unknown): Loss | undefined {
	if (isUnreached(error)) return "gone";
	const code = codeOf(error);
	return BUSY.test(code) || IN_THE_WAY.test(code) ? "refused" : undefined;
}
