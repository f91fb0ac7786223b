/** What we want of a figure, and which one it is. */
export interface Goal {
	readonly name: string;
	/** What `--only` can name: of a table of cases or of a scenario. */
	readonly part: string;
	readonly relation: "<=" | ">=";
	readonly goal: number;
	/** Better still. */
	readonly stretch?: number;
	/** `x` for ratios, `ms`, `%` of a share; nothing for a count. */
	readonly unit: "x" | "ms" | "%" | "";
	readonly from: CaseRatio | { readonly figure: string };
}

/** The median over the rounds of one case against another within the same round. */
export interface CaseRatio {
	readonly of: string;
	readonly against: string;
	/** Processor time of the server for one request, or requests per second. */
	readonly measure: "cpu" | "rate";
}

type Relation = Pick<Goal, "relation" | "goal" | "stretch">;

const atMost = (goal: number, stretch?: number): Relation => ({
	relation: "<=",
	goal,
	...(stretch !== undefined && { stretch }),
});
const atLeast = (goal: number, stretch?: number): Relation => ({
	relation: ">=",
	goal,
	...(stretch !== undefined && { stretch }),
});

function ratio(
	part: string,
	name: string,
	[of, against]: readonly [string, string],
	measure: "cpu" | "rate",
	wanted: Relation,
): Goal {
	return { name, part, unit: "x", ...wanted, from: { of, against, measure } };
}

function figure(part: string, name: string, unit: Goal["unit"], wanted: Relation): Goal {
	return { name, part, unit, ...wanted, from: { figure: name } };
}

const MEMORY = "ours, memory hit, A";
const CONSTANT = "Hono constant, A";
const REDIS = "ours, Redis hit, A";
const REDIS_64 = "ours, Redis hit, A, 64 keys";
const GET_64 = "Hono + one GET, A, 64 keys";

export const goals: readonly Goal[] = [
	ratio("memory", "memory hit, CPU against Hono constant", [MEMORY, CONSTANT], "cpu", atMost(1.35, 1.15)),
	ratio(
		"memory",
		"memory hit, requests/s against Hono constant",
		[MEMORY, CONSTANT],
		"rate",
		atLeast(0.75, 0.9),
	),
	ratio(
		"memory",
		"memory hit against bentocache two tiers",
		[MEMORY, "bentocache two tiers, hit, A"],
		"rate",
		atLeast(2.5),
	),
	ratio(
		"memory",
		"memory hit against nginx proxy_cache",
		[MEMORY, "nginx proxy_cache, hit, A"],
		"rate",
		atLeast(0.9),
	),
	ratio(
		"redis",
		"Redis hit, hot key, requests/s against Hono + one GET",
		[REDIS, "Hono + one GET, A"],
		"rate",
		atLeast(1.3),
	),
	ratio(
		"redis",
		"Redis hit, 64 keys, requests/s against Hono + one GET",
		[REDIS_64, GET_64],
		"rate",
		atLeast(1.2),
	),
	ratio("redis", "Redis hit, 64 keys, CPU against Hono + one GET", [REDIS_64, GET_64], "cpu", atMost(0.9)),
	ratio("redis", "Redis hit against the naive port", [REDIS, "naive port, A"], "rate", atLeast(2)),
	ratio(
		"redis",
		"Redis hit against bentocache Redis only",
		[REDIS, "bentocache Redis only, hit, A"],
		"rate",
		atLeast(2.3),
	),
	ratio(
		"redis",
		"Redis hit against Flask + redis-py",
		[REDIS, "Flask + redis-py, hit, A"],
		"rate",
		atLeast(15),
	),
	ratio(
		"redis",
		"52 KB stored compressed against a plain GET",
		["ours, Redis hit, B", "Hono + one GET, B"],
		"rate",
		atLeast(3),
	),
	ratio(
		"signed-in",
		"signed in by bearer token against nobody signed in",
		["ours, memory hit, A, bearer token", "ours, memory hit, A, nobody signed in"],
		"rate",
		atLeast(0.85),
	),
	figure("cold", "cold: handler runs", "", atMost(1)),
	figure("frozen", "frozen: longest answer beyond the handler's time", "ms", atMost(100)),
	figure("frozen", "frozen, Redis only: longest answer beyond the handler's time", "ms", atMost(100)),
	figure("killed", "killed: errors", "", atMost(0)),
	figure("killed", "killed: hits resume after", "ms", atMost(1_000)),
	figure("routes", "hit against the original query, areas", "x", atLeast(150)),
	figure("routes", "hit against the original query, types", "x", atLeast(150)),
	figure("routes", "hit against the original query, valuation", "x", atLeast(150)),
	figure("mix", "mix: database queries saved, warm", "%", atLeast(95)),
	figure("mix", "mix: capacity, warm", "x", atLeast(10)),
];
