/** One thing that makes a hit cheaper, and how the cache is without it. */
export interface Ablation {
	/** How the cache is without it. */
	readonly name: string;
	/** Where it shows: the cases' servers. */
	readonly servers: readonly ("ours-memory" | "ours-redis")[];
	/** Below src/cache. */
	readonly file: string;
	/** Stands in the file exactly once. */
	readonly text: string;
	readonly instead: string;
}

const BOTH = ["ours-memory", "ours-redis"] as const;

export const ablations: readonly Ablation[] = [
	{
		name: "stored bytes read each time",
		servers: BOTH,
		file: "lookup.ts",
		text: "const decode = rememberingDecoder(codec);",
		instead: "const { decode } = codec;",
	},
	{
		name: "keys made each time",
		servers: BOTH,
		file: "http/plan.ts",
		text: "const MAX_TEXT = 2_000;",
		instead: "const MAX_TEXT = -1;",
	},
	{
		name: "headers made each time",
		servers: BOTH,
		file: "http/respond.ts",
		text: "if (made?.ageS !== ageS || made.cacheStatus !== cacheStatus) {",
		instead: "if (!made || performance.now() > 0) {",
	},
	{
		name: "tags put together each time",
		servers: ["ours-memory"],
		file: "tags.ts",
		text: "if (last && endsWith(last, OWN_TAGS, named)) return last;",
		instead: "",
	},
	{
		name: "answers from memory through a promise",
		servers: ["ours-memory"],
		file: "engine.ts",
		text: "const found = lookup.find(ask.policy, ask.key, ask.tags);",
		instead: "const found = Promise.resolve(lookup.find(ask.policy, ask.key, ask.tags));",
	},
	{
		name: "prepared headers looked for where nobody prepared any",
		servers: ["ours-memory"],
		file: "cached.ts",
		text: 'ask.isFirst && served.outcome === "hit"',
		instead: "false",
	},
	{
		name: "each read of Redis alone",
		servers: ["ours-redis"],
		file: "redis-backend.ts",
		text: "gathered(journal)",
		instead: "journal",
	},
];
