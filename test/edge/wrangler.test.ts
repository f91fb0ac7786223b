import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = "deploy/edge";
const text = readFileSync(join(FOLDER, "wrangler.jsonc"), "utf8");
const settings = JSON.parse(text.replace(/^\s*\/\/.*$/gm, "")) as {
	main: string;
	compatibility_date: string;
	compatibility_flags: string[];
	vars: Record<string, string>;
};

test("what is deployed is the worker, on a platform as new as the tests take it to be", () => {
	expect(existsSync(join(FOLDER, settings.main))).toBe(true);
	expect(settings.compatibility_date >= "2026-07-01").toBe(true);
	expect(settings.compatibility_flags).toContain("nodejs_compat");
});

test("no secret is written down beside it", () => {
	const secrets = /SECRET|TOKEN|PASSWORD|SIGNING|DATABASE_URL/;
	expect(Object.keys(settings.vars).filter((name) => secrets.test(name))).toEqual([]);
});
