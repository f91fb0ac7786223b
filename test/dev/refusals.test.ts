import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { ending } from "../../src/cli/dev/processes.ts";
import { freePort } from "../cache/support/ports.ts";

const DEV = fileURLToPath(new URL("../../src/cli/dev.ts", import.meta.url));

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "retyn refusals "));
	await chmod(folder, 0o711);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a start that comes to nothing says. */
async function refusal(more: Record<string, string> = {}): Promise<string> {
	const { PATH = "", HOME = folder } = process.env;
	const child = spawn(process.execPath, ["--no-env-file", DEV], {
		env: { PATH, HOME, RETYN_DATA_DIR: folder, PORT: "0", HOST: "127.0.0.1", ...more },
		stdio: ["ignore", "pipe", "pipe"],
	});
	const [out, err, end] = await Promise.all([text(child.stdout), text(child.stderr), ending(child)]);
	expect({ out, end }).toEqual({ out: "", end: "1" });
	return err.trimEnd();
}

/** Nobody listens there. */
const nowhere = async () => `postgres://nobody@127.0.0.1:${await freePort()}/none`;

describe("bun run dev says in one sentence", () => {
	test("that the password of its data is lost, at each start until they are removed", async () => {
		await mkdir(join(folder, "postgres"));
		await writeFile(join(folder, "postgres", "PG_VERSION"), "18\n");
		const sentence =
			/^The password for \S[^\n]* stood in [^\n]*dev\.json[^\n]*: remove both to start anew\.$/;
		expect(await refusal()).toMatch(sentence);
		expect(await refusal()).toMatch(sentence);
		await refusal({ DATABASE_URL: await nowhere() });
		expect(await refusal()).toMatch(sentence);
	});

	test("that the database in DATABASE_URL does not answer", async () => {
		const said = await refusal({ DATABASE_URL: await nowhere() });
		expect(said).toMatch(/^The database in DATABASE_URL cannot be used: [^\n]*ECONNREFUSED[^\n]*$/);
	});

	test("that the database in DATABASE_URL does not exist", async () => {
		const url = new URL(process.env["TEST_DATABASE_URL"] ?? "");
		url.pathname = "/retyn-is-not-there";
		const said = await refusal({ DATABASE_URL: url.href });
		expect(said).toBe(
			'The database in DATABASE_URL cannot be used: database "retyn-is-not-there" does not exist',
		);
	});

	test("that its folder cannot be made", async () => {
		const file = join(folder, "file");
		await writeFile(file, "");
		const said = await refusal({ RETYN_DATA_DIR: join(file, "below") });
		expect(said).toMatch(/^The folder [^\n]*\/file\/below cannot be used: ENOTDIR[^\n]*$/);
	});

	test("that its folder cannot be written to", async () => {
		await mkdir(join(folder, "lock"));
		expect(await refusal()).toBe(`The folder ${folder} cannot be used: unable to open database file`);
	});
});

test("bun run dev makes no password while it has no data of its own", async () => {
	await refusal({ DATABASE_URL: await nowhere() });
	expect(await readFile(join(folder, "dev.json"), "utf8")).not.toContain("databasePassword");
});
