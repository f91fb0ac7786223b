import DataLoader from "dataloader";
import type { Database } from "../../db/client.ts";
import { latestMarket } from "../../db/latest-market.ts";
import type { Replicas } from "../../db/replicas.ts";
import type { DirectoryKeeper } from "../areas/directory.ts";
import type { Cache } from "../cache/index.ts";
import { marketLabel } from "../http/label.ts";
import { Problem } from "../http/problem.ts";
import { dayNumber } from "../lib/days.ts";
import { policies, tags } from "../policies.ts";
import { estimateRent } from "../rents/estimate.ts";
import { describeValuation } from "./answer.ts";
import { COMPARABLES_NEEDED, estimate } from "./estimate.ts";
import { type Gathered, gather, rentSubject } from "./gather.ts";
import type { ModelKeeper } from "./model-keeper.ts";
import { type Segment, segmentOf } from "./segment.ts";
import type { Subject } from "./subject.ts";

export interface ValuesDeps {
	db: Database;
	/** Read where they have reached what is read. */
	replicas?: Replicas | undefined;
	cache: Cache;
	directory: DirectoryKeeper;
	models: ModelKeeper;
	/** Hears of every value that was worked out, and of those that could not be for want of sales. Must not throw. */
	onValued?: ((segment: Segment, outcome: "valued" | "insufficient-evidence") => void) | undefined;
}

export type Valuation = ReturnType<typeof describeValuation>;

/** A valuation as it is kept: what single requests and lists of properties are both answered from. */
export interface Value {
	readonly valuation: Valuation;
	/** When it was worked out, milliseconds. */
	readonly at: number;
	/** Whether it says all that is known: false where the names that it was asked by were older than the sales. */
	readonly upToDate: boolean;
}

export interface Values {
	/** @throws {Problem} 422 with too little evidence, 503 or 504 where it cannot be worked out now */
	value(subject: Subject): Promise<Value>;
}

/** Subjects that are read together: more would keep one connection from its other work. */
const READ_TOGETHER = 200;

/** Works out values behind the cache. What is asked for within one turn is read from the database together. */
export function createValues({ db, replicas, cache, directory, models, onValued }: ValuesDeps): Values {
	const policy = cache.register(policies.values);
	const reads = new DataLoader<Subject, Gathered & { version: number }>(
		async (subjects) => {
			// First: what is read after it is of this data version or a later one.
			const latest = await latestMarket(db, replicas);
			return (await gather(latest.db, subjects)).map((gathered) => ({
				...gathered,
				version: latest.version,
			}));
		},
		{ cache: false, maxBatchSize: READ_TOGETHER },
	);

	async function workOut(subject: Subject): Promise<Value> {
		const [market, { of: modelOf }, gathered] = await Promise.all([
			directory.current(),
			models.current(),
			reads.load(subject),
		]);
		const model = modelOf(subject.model);
		if (subject.model !== null && !model) {
			// The key promises that model's value and no other's.
			throw new Problem("unavailable", {
				detail: "Another model was put to use this moment. Ask again.",
				headers: { "Retry-After": "1" },
			});
		}
		const asked = {
			day: dayNumber(subject.asOf),
			logSize: Math.log(subject.sizeSqm),
			propertyType: subject.propertyType,
			rooms: subject.rooms,
			ready: subject.developmentStatus === null ? null : subject.developmentStatus === "Ready",
			namesProject: subject.project !== null || subject.unknownProject !== null,
		};
		const result = estimate(asked, gathered.sales, model);
		if (!("level" in result)) {
			onValued?.(segmentOf({ ...asked, ready: asked.ready ?? true }), "insufficient-evidence");
			throw insufficientEvidence(subject, result.comparablesFound);
		}
		const rent = estimateRent(rentSubject(subject), gathered.rents, model?.rents);
		const valued = { subject, estimate: result, gathered, rent, model };
		const valuation = describeValuation(valued, { directory: market, label: marketLabel(market) });
		onValued?.(result.segment, "valued");
		return { valuation, at: cache.clock(), upToDate: gathered.version === market.version };
	}

	return {
		value: (subject) =>
			cache.wrap(policy, subject, () => workOut(subject), {
				tags: subjectTags(subject),
				keep: ({ upToDate }) => upToDate,
			}),
	};
}

/** What a value was made from: changed, the value is void. */
export function subjectTags({ place }: Subject): string[] {
	return [tags.model, ...new Set([...place.salesAreaIds, ...place.rentalAreaIds].map(tags.area))];
}

function insufficientEvidence({ propertyType, place, sizeSqm }: Subject, found: number): Problem {
	const enough = found >= COMPARABLES_NEEDED;
	return new Problem("insufficient-evidence", {
		detail: enough
			? `None of the ${found} sales of the type ${propertyType} in ${place.name} in the year before is near enough to ${sizeSqm} m2.`
			: `Only ${found} comparable sales of the type ${propertyType} of about ${sizeSqm} m2 are registered in ` +
				`${place.name} in the year before; at least ${COMPARABLES_NEEDED} are needed.`,
		members: { comparables_found: found, comparables_needed: COMPARABLES_NEEDED },
	});
}
