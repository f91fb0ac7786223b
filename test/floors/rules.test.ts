import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A house with every fault: which file imports what, and the rule that has to notice. */
const FAULTS: [file: string, target: string, rule: string][] = [
	["db/queries.ts", "../src/auth/index.ts", "ground-imports-only-ground"],
	["src/lib/clock.ts", "../areas/routes.ts", "ground-imports-only-ground"],
	["src/http/errors.ts", "../app.ts", "ground-imports-only-ground"],
	["src/auth/guard.ts", "../policies.ts", "services-stay-below-policies"],
	["src/observability/log.ts", "../server.ts", "services-stay-below-policies"],
	["src/policies.ts", "./valuation/subject.ts", "policies-stay-below-capabilities"],
	["src/areas/keeper.ts", "../app.ts", "capabilities-stay-below-the-app"],
	["src/valuation/model.ts", "../cli/import.ts", "capabilities-stay-below-the-app"],
	["src/app.ts", "./server.ts", "the-app-stays-below-the-top"],
	["src/a-new-room/routes.ts", "../app.ts", "capabilities-stay-below-the-app"],
	["src/areas/one.ts", "./two.ts", "no-loops"],
	["src/cache/engine.ts", "../lib/clock.ts", "cache-stands-alone"],
	["test/cache/keys.test.ts", "../support.ts", "cache-tests-stand-alone"],
	["test/cache/support/days.ts", "../../../src/lib/days.ts", "cache-tests-stand-alone"],
	["src/areas/names.ts", "../cache/engine.ts", "cache-by-its-index"],
	["src/valuation/store.ts", "../cache/redis.ts", "redis-at-the-top"],
	["db/client.ts", "../src/config.ts", "db-knows-the-library-only"],
	["src/lib/days.ts", "../http/errors.ts", "library-stands-alone"],
	["src/areas/rows.ts", "postgres", "one-driver"],
	["src/http/serve.ts", "bun", "bun-at-the-top"],
	["src/http/lock.ts", "bun:sqlite", "bun-at-the-top"],
	["src/http/lost.ts", "./nowhere.ts", "nothing-unknown"],
	["src/http/fixture.ts", "../../test/support.ts", "sources-know-no-tests"],
];

/** What the faults import, and imports that are allowed. */
const INNOCENT: Record<string, string> = {
	"src/server.ts": 'import "./cache/redis.ts";\nimport "./cache/index.ts";\nimport "bun";',
	"src/cli/import.ts": 'import "bun:sqlite";\nimport "../../db/rows.ts";',
	"src/auth/index.ts": 'import "../../db/rows.ts";\nimport "../cache/index.ts";',
	"src/areas/two.ts": 'import "./one.ts";',
	"src/areas/routes.ts": 'import "../cache/index.ts";\nimport "../auth/index.ts";',
	"src/valuation/subject.ts": "",
	"src/cache/index.ts": "",
	"src/cache/redis.ts": "",
	"src/config.ts": "",
	"db/rows.ts": 'import "postgres";\nimport "../src/lib/random.ts";',
	"src/lib/random.ts": "",
	"test/support.ts": 'import "../src/cache/index.ts";\nimport "./cache/support/clock.ts";',
	"test/cache/support/clock.ts": 'import "../../../src/cache/redis.ts";',
	"test/cache/engine.test.ts":
		'import "./support/clock.ts";\nimport "../../src/cache/index.ts";\nimport "bun";',
};

interface Violation {
	from: string;
	rule: { name: string };
}

describe("the rules of the floors", () => {
	let folder: string;
	let found: Set<string>;

	beforeAll(async () => {
		folder = await realpath(await mkdtemp(join(tmpdir(), "retyn-floors-")));
		const files = new Map(Object.entries(INNOCENT));
		for (const [file, target] of FAULTS) files.set(file, `import "${target}";`);
		files.set(
			"node_modules/postgres/package.json",
			'{ "name": "postgres", "version": "1.0.0", "main": "index.js" }',
		);
		files.set("node_modules/postgres/index.js", "");
		files.set("package.json", '{ "dependencies": { "postgres": "1.0.0" } }');
		for (const [file, text] of files) {
			await mkdir(dirname(join(folder, file)), { recursive: true });
			await writeFile(join(folder, file), `${text}\n`);
		}
		for (const file of ["tsconfig.json", ".dependency-cruiser.mjs"])
			await cp(join(root, file), join(folder, file));
		const program = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
		const options = ["--config", ".dependency-cruiser.mjs", "--output-type", "json"];
		const { stdout, stderr } = spawnSync(process.execPath, [program, ...options, "src", "db", "test"], {
			cwd: folder,
			encoding: "utf8",
		});
		if (!stdout) throw new Error(stderr);
		const violations: Violation[] = JSON.parse(stdout).summary.violations;
		found = new Set(violations.map(({ from, rule }) => `${from}: ${rule.name}`));
	});

	afterAll(() => rm(folder, { recursive: true, force: true }));

	for (const [file, target, rule] of FAULTS) {
		test(`${rule}: ${file} must not import ${target}`, () => {
			expect(found).toContain(`${file}: ${rule}`);
		});
	}

	test("leave allowed imports alone", () => {
		const accused = [...found].filter((entry) =>
			Object.keys(INNOCENT).some((file) => entry.startsWith(`${file}:`)),
		);
		expect(accused).toEqual([]);
	});

	test("are all shown to bite", async () => {
		const { default: rules }: { default: { forbidden: { name: string }[] } } = await import(
			join(root, ".dependency-cruiser.mjs")
		);
		const names = rules.forbidden.map(({ name }) => name).sort();
		expect([...new Set(FAULTS.map(([, , rule]) => rule))].sort()).toEqual(names);
	});
});
