/**
 * The floors: data go down and come back up, nothing imports upwards. A file may import from its own floor and from
 * those below it. test/floors breaks each rule on purpose to see that it bites.
 */
const GROUND = "^(db/|src/(cache|http|lib)/|src/config\\.ts$)";
const SERVICES = "^src/(auth|observability)/";
const POLICIES = "^src/policies\\.ts$";
// Any other folder is a capability, also one that is still to come.
const CAPABILITIES = "^src/(?!(auth|observability|cache|http|lib|cli|edge|follow|server)/)[^/]+/";
const APP = "^src/(app\\.ts$|follow/)";
const TOP = "^(src/(server|node|worker)\\.ts$|src/(cli|edge|server)/|scripts/|bench/)";

const upwards = (name, from, ...above) => ({
	name,
	severity: "error",
	comment: "Nothing imports from a floor above its own.",
	from: { path: from },
	to: { path: above.join("|") },
});

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
	forbidden: [
		upwards("ground-imports-only-ground", GROUND, SERVICES, POLICIES, CAPABILITIES, APP, TOP),
		upwards("services-stay-below-policies", SERVICES, POLICIES, CAPABILITIES, APP, TOP),
		upwards("policies-stay-below-capabilities", POLICIES, CAPABILITIES, APP, TOP),
		upwards("capabilities-stay-below-the-app", CAPABILITIES, APP, TOP),
		upwards("the-app-stays-below-the-top", APP, TOP),
		{
			name: "no-loops",
			severity: "error",
			comment: "Files that need each other are one file, or share a third one.",
			from: {},
			to: { circular: true },
		},
		{
			name: "cache-stands-alone",
			severity: "error",
			comment: "src/cache is a library that somebody could lift out.",
			from: { path: "^src/cache/" },
			to: { path: "^(src|db|test|scripts)/", pathNot: "^src/cache/" },
		},
		{
			name: "cache-tests-stand-alone",
			severity: "error",
			comment: "Its tests go with it.",
			from: { path: "^test/cache/" },
			to: { path: "^(src|db|test|scripts)/", pathNot: "^(src|test)/cache/" },
		},
		{
			name: "cache-by-its-index",
			severity: "error",
			comment:
				"Outside of src/cache only its index is imported; the Redis connection is for what joins things.",
			from: { pathNot: "^(src/cache|test)/" },
			to: { path: "^src/cache/", pathNot: "^src/cache/(index|redis)\\.ts$" },
		},
		{
			name: "redis-at-the-top",
			severity: "error",
			comment: "Who connects to Redis is an entry point; everybody else is handed a store.",
			from: { pathNot: `^(src/cache|test)/|${TOP}` },
			to: { path: "^src/cache/redis\\.ts$" },
		},
		{
			name: "db-knows-the-library-only",
			severity: "error",
			comment: "The database's room knows rows, not requests.",
			from: { path: "^db/" },
			to: { path: "^src/", pathNot: "^src/lib/" },
		},
		{
			name: "library-stands-alone",
			severity: "error",
			comment: "src/lib is for everybody, so it may need nobody.",
			from: { path: "^src/lib/" },
			to: { path: "^(src|db)/", pathNot: "^src/lib/" },
		},
		{
			name: "one-driver",
			severity: "error",
			comment: "The database's driver is known where it is opened, migrated and loaded.",
			from: { path: "^src/" },
			to: { path: "^node_modules/postgres/" },
		},
		{
			name: "bun-at-the-top",
			severity: "error",
			comment: "Below the entry points the code runs on any platform.",
			from: { pathNot: `^test/|${TOP}` },
			to: { path: "^(bun$|bun:)" },
		},
		{
			name: "nothing-unknown",
			severity: "error",
			comment:
				"An import that cannot be resolved. The peers of the benchmark are packages that not everybody installs.",
			from: { pathNot: "^bench/peers/servers/" },
			to: { couldNotResolve: true, pathNot: "^bun(:|$)" },
		},
		{
			name: "sources-know-no-tests",
			severity: "error",
			comment: "What ships does not import what tests it.",
			from: { pathNot: "^test/" },
			to: { path: "^test/" },
		},
	],
	options: {
		tsPreCompilationDeps: true,
		tsConfig: { fileName: "tsconfig.json" },
		doNotFollow: { path: "node_modules" },
		enhancedResolveOptions: {
			exportsFields: ["exports"],
			conditionNames: ["import", "types", "default"],
			extensions: [".ts", ".mjs", ".js"],
		},
	},
};
