import { z } from "zod";
import type { StoreState } from "../health/routes.ts";
import { type CacheReport, describeReport, mergeReports } from "../observability/cache-stats.ts";

/** One server process. */
export interface Instance {
	/** Random, of this start. */
	readonly id: string;
	readonly pid: number;
	/** Name of the machine or container. */
	readonly host?: string | undefined;
	/** Milliseconds since the epoch. */
	readonly startedAt: number;
	/** Of the program. */
	readonly version?: string | undefined;
}

/** What an instance tells administrators of itself, through whichever instance they ask. */
export interface InstanceStats {
	readonly instance: Instance;
	readonly report: CacheReport;
	/** How its connection to the shared store is; undefined where there is none. */
	readonly store?: StoreState | undefined;
	/** That of the names that it knows; undefined before it knows any. */
	readonly dataVersion?: number | undefined;
	/** Whether it is filling the cache before anybody asks. */
	readonly warming: boolean;
}

const heard = z.object({
	instance: z.object({
		id: z.string().max(64),
		pid: z.number(),
		host: z.string().max(255).optional(),
		startedAt: z.number().min(0).max(8.64e15),
		version: z.string().max(64).optional(),
	}),
	report: z.custom<CacheReport>(isReport),
	store: z.object({ connected: z.boolean(), breakerOpen: z.boolean() }).optional(),
	dataVersion: z.number().optional(),
	warming: z.boolean(),
});

/** What another instance said, or undefined where that makes no sense here. */
export function readInstanceStats(said: unknown): InstanceStats | undefined {
	return heard.safeParse(said).data;
}

/** Whatever can be read as one: it comes from outside of this process. */
function isReport(value: unknown): boolean {
	try {
		const report = value as CacheReport;
		if (typeof report.since !== "number") return false;
		describeReport(mergeReports([report]));
		return true;
	} catch {
		return false;
	}
}
