import { setImmediate } from "node:timers";
import { HEAD_BYTES } from "./entry-head.ts";
import type { Census, CensusOptions, PolicyCensus } from "./inspection.ts";
import type { Policy } from "./policy.ts";
import type { Inspection, Peeked } from "./store.ts";

/** Few enough that nobody waits for long behind the questions of a page. */
const PAGE = 100;

export interface CensusDeps {
	inspection: Inspection | undefined;
	policies: ReadonlyMap<string, Policy>;
	/** The policy that an entry says it is of. */
	policyOf(peeked: Peeked): string | undefined;
}

type Counted = { -readonly [name in keyof PolicyCensus]: number };

/**
 * Counts what a store holds, page by page. Names of policies are those of this cache and no others, so that what somebody
 * else wrote makes no labels. An entry that the store lists twice is counted twice.
 */
export function createCensus({
	inspection,
	policies,
	policyOf,
}: CensusDeps): (options: CensusOptions) => Promise<Census> {
	let underWay: Promise<Census> | undefined;

	async function count({ withinMs }: CensusOptions): Promise<Census> {
		const all: Counted = { entries: 0, bytes: 0 };
		const each = new Map(
			[...policies.keys()].map((name): [string, Counted] => [name, { entries: 0, bytes: 0 }]),
		);
		const begun = performance.now();
		let cursor: string | undefined;
		do {
			const listed = await inspection?.list("", { cursor, limit: PAGE });
			for (const peeked of (await inspection?.peek(listed?.keys ?? [], HEAD_BYTES)) ?? []) {
				if (!peeked) continue;
				add(all, peeked);
				const policy = each.get(policyOf(peeked) ?? "");
				if (policy) add(policy, peeked);
			}
			cursor = listed?.cursor;
			// A store in memory answers at once: others get their turn between its pages.
			await new Promise<void>((resolve) => setImmediate(resolve));
		} while (cursor !== undefined && performance.now() - begun < withinMs);
		return { complete: cursor === undefined, ...all, policies: Object.fromEntries(each) };
	}

	return function census(options) {
		underWay ??= count(options).finally(() => {
			underWay = undefined;
		});
		return underWay;
	};
}

function add(counted: Counted, { bytes }: Peeked): void {
	counted.entries += 1;
	counted.bytes += bytes;
}
