import { describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { newState, writeState } from "../../src/cli/dev/state.ts";
import { csv, sale } from "./fixtures.ts";
import { useMarket } from "./market.ts";

const market = useMarket();
const COMMAND = fileURLToPath(new URL("../../src/cli/import.ts", import.meta.url));

const TERMINAL = fileURLToPath(new URL("../../src/cli/terminal.ts", import.meta.url));

async function run(args: string[], env: Record<string, string> = {}) {
	const child = spawn(process.execPath, ["--no-env-file", COMMAND, ...args], {
		env: { ...process.env, DATABASE_URL: "", RETYN_DATA_DIR: await market.fixtures.folder(), ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	const [out, err, code] = await Promise.all([
		text(child.stdout),
		text(child.stderr),
		new Promise<number | null>((resolve) => child.once("exit", resolve)),
	]);
	return { out, err, code };
}

describe("bun run import", () => {
	test("loads files, sums each up and exits with 0", async () => {
		const good = await market.fixtures.file(
			csv([
				sale(),
				sale({ TRANSACTION_NUMBER: "11-2-2031", PROCEDURE_EN: "Sell Development" }),
				sale({ TRANSACTION_NUMBER: "none" }),
			]),
			"good.csv",
		);
		const { out, err, code } = await run([good], { DATABASE_URL: market.database.url });
		expect({ err, code }).toEqual({ err: "", code: 0 });
		expect(out).toMatch(/^good\.csv: website-sales, \d+\.\d s$/m);
		expect(out).toContain("  read 3, loaded 2, updated 0, already there 0");
		expect(out).toContain("  rejected: bad-number 1");
		expect(out).toContain("  non-market among loaded and updated: procedure 1");
		expect(out).toContain("servers forget what they answered about 1 area");
	});

	test("reports a bad file among good ones, loads the good ones and exits with 2", async () => {
		const files = [
			await market.fixtures.file(csv([sale()]), "one.csv"),
			await market.fixtures.file("name,age\nHeron,3\n", "bad.csv"),
			await market.fixtures.file(csv([sale({ TRANSACTION_NUMBER: "11-2-2031" })]), "two.csv"),
		];
		const { err, code } = await run(files, { DATABASE_URL: market.database.url });
		expect(code).toBe(2);
		expect(err.trim().split("\n")).toHaveLength(1);
		expect(err).toStartWith("bad.csv is of no known format");
		expect(await market.sales()).toHaveLength(2);
	});

	test("without a file, or with an unknown option, explains itself and exits with 2", async () => {
		const none = await run([], { DATABASE_URL: market.database.url });
		expect(none.code).toBe(2);
		expect(none.err).toContain("bun run import FILE...");
		const unknown = await run(["--fast", "x.csv"], { DATABASE_URL: market.database.url });
		expect(unknown.code).toBe(2);
		expect(unknown.err).toContain("--fast");
	});

	test("without an address of a database says so and exits with 2", async () => {
		const { err, code } = await run(["x.csv"]);
		expect(code).toBe(2);
		expect(err).toContain("There is no DATABASE_URL");
	});

	test("finds the database of a running development server and says so", async () => {
		const folder = join(await market.fixtures.folder(), "developing");
		await mkdir(folder);
		await writeState(folder, { ...newState(), databaseUrl: market.database.url });
		const file = await market.fixtures.file(csv([sale()]));
		const { out, code } = await run([file], { RETYN_DATA_DIR: folder });
		expect(code).toBe(0);
		expect(out).toContain("the running `bun run dev`");
		expect(await market.sales()).toHaveLength(1);
	});

	test("an error of our own is shown in its own words, not in those of its cause", async () => {
		const code = `import { runCommand } from ${JSON.stringify(TERMINAL)};
			await runCommand(async () => { throw new Error("The sentence.", { cause: new Error("a detail") }); });`;
		const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "ignore", "pipe"] });
		expect(await text(child.stderr)).toBe("That did not work: The sentence.\n");
	});

	test("without an answer from the database fails in one sentence and exits with 1", async () => {
		const { err, code } = await run([await market.fixtures.file(csv([sale()]))], {
			DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
		});
		expect(code).toBe(1);
		expect(err.trim().split("\n")).toHaveLength(1);
		expect(err).toStartWith("That did not work:");
	}, 20_000);
});
