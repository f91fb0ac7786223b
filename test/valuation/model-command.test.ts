import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { listModels, loadModel, modelAccuracy, modelInUse } from "../../db/queries/models.ts";
import { METHOD } from "../../src/valuation/model.ts";
import { decodeModel } from "../../src/valuation/model-codec.ts";
import { putToUse, risingModel, seedMadeMarket } from "../app/made-market.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const COMMAND = fileURLToPath(new URL("../../src/cli/model.ts", import.meta.url));

let database: TestDatabase;
let empty: TestDatabase;
let folder: string;
beforeAll(async () => {
	[database, empty, folder] = await Promise.all([
		createTestDatabase(),
		createTestDatabase(),
		mkdtemp(join(tmpdir(), "retyn-model-")),
	]);
	await seedMadeMarket(database.db, { days: 90, perDay: 6 });
});
afterAll(async () => {
	await Promise.all([database.drop(), empty.drop(), rm(folder, { recursive: true, force: true })]);
});

async function run(args: string[], env: Record<string, string> = {}) {
	const child = spawn(process.execPath, ["--no-env-file", COMMAND, ...args], {
		env: { ...process.env, DATABASE_URL: database.url, RETYN_DATA_DIR: folder, ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	const [out, err, code] = await Promise.all([
		text(child.stdout),
		text(child.stderr),
		new Promise<number | null>((resolve) => child.once("exit", resolve)),
	]);
	return { out, err, code };
}

describe("bun run model", () => {
	test("train learns from all sales, measures itself, and puts the model to use; list and use follow", async () => {
		const none = await run(["list"]);
		expect(none).toEqual({
			out: `No model of the method ${METHOD} is kept: bun run model train makes one.\n`,
			err: "",
			code: 0,
		});

		const heard: string[] = [];
		const { unlisten } = await database.sql.listen("retyn_model", (version) => void heard.push(version));
		const trained = await run(["train"]);
		expect({ err: trained.err, code: trained.code }).toEqual({ err: "", code: 0 });
		const version = (await modelInUse(database.db, METHOD)) ?? "none";
		expect(version).toMatch(new RegExp(`^${METHOD}-\\d{14}$`));
		const [first, second, third] = trained.out.split("\n");
		expect(first).toMatch(
			new RegExp(`^${version}: trained on 540 sales from 2026-05-03 to 2026-07-31 in \\d+ s$`),
		);
		expect(second).toMatch(
			/^ {2}on \d+ sales from 2026-07-01 to 2026-07-31, known to nobody: median error \d+\.\d %, within 10 % of the price \d+\.\d %$/,
		);
		expect(third).toContain("servers take it up");
		const row = await loadModel(database.db, version);
		expect(decodeModel(row?.model)).toMatchObject({ version, sales: 540 });
		expect(await modelAccuracy(database.db, version)).toMatchObject({
			protocol: { test_from: "2026-07-01" },
		});
		expect(heard).toEqual([version]);

		await putToUse(database.db, risingModel("later", 0.1));
		const listed = await run(["list"]);
		expect(listed.out.split("\n").slice(0, 2)).toEqual([
			expect.stringMatching(/^in use {2}later {2}trained \d{4}-\d\d-\d\d on 0 sales up to 1970-01-01$/),
			expect.stringMatching(
				new RegExp(`^ {8}${version} {2}trained \\d{4}-\\d\\d-\\d\\d on 540 sales up to 2026-07-31$`),
			),
		]);

		const used = await run(["use", version]);
		expect(used).toMatchObject({ err: "", code: 0 });
		expect(used.out).toStartWith(`${version} values from now on.\n`);
		expect(await modelInUse(database.db, METHOD)).toBe(version);
		expect(heard).toEqual([version, "later", version]);
		expect((await listModels(database.db, METHOD)).map((one) => one.version)).toEqual([version, "later"]);
		await unlisten();
	});

	test("use of a version that is not kept changes nothing, says so and exits with 2", async () => {
		const before = await modelInUse(database.db, METHOD);
		for (const version of ["none-such", "'; delete from valuation_models; --"]) {
			const { out, err, code } = await run(["use", version]);
			expect({ out, code }).toEqual({ out: "", code: 2 });
			expect(err).toBe(
				`There is no model ${version} of the method ${METHOD}: bun run model list shows them.\n`,
			);
		}
		expect(await modelInUse(database.db, METHOD)).toBe(before);
	});

	test("train without any sale keeps no model, says so and exits with 2", async () => {
		const { out, err, code } = await run(["train"], { DATABASE_URL: empty.url });
		expect({ out, code }).toEqual({ out: "", code: 2 });
		expect(err).toBe("There are no sales to learn from: import some first.\n");
		expect(await listModels(empty.db, METHOD)).toEqual([]);
	});

	test.each([
		["nothing", []],
		["an unknown word", ["forget"]],
		["a word that every object has", ["constructor"]],
		["use without a version", ["use"]],
		["use of two versions", ["use", "one", "another"]],
		["train of a version", ["train", "one"]],
		["an unknown option", ["list", "--all"]],
	])("asked for %s explains itself and exits with 2", async (_, args) => {
		const { out, err, code } = await run(args);
		expect({ out, code }).toEqual({ out: "", code: 2 });
		expect(err).toContain("bun run model use VERSION");
		expect(err).not.toMatch(/\n\s+at /);
	});

	test("without an address of a database does nothing and exits with 2", async () => {
		const homeless = await run(["list"], { DATABASE_URL: "" });
		expect(homeless).toMatchObject({ code: 2, err: expect.stringContaining("There is no DATABASE_URL") });
	});

	test("without an answer from the database fails in one sentence and exits with 1", async () => {
		const { err, code } = await run(["list"], { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });
		expect(code).toBe(1);
		expect(err.trim().split("\n")).toHaveLength(1);
		expect(err).toStartWith("That did not work:");
	});
});
