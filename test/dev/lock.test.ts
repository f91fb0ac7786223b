import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lockFolder } from "../../src/cli/dev/lock.ts";
import { ending } from "../../src/cli/dev/processes.ts";

const LOCK = fileURLToPath(new URL("../../src/cli/dev/lock.ts", import.meta.url));

/** Locks the folder when told to, says `mine` or the sentence, and keeps the lock while it lives. */
const HOLDER = `
	const { lockFolder } = await import(${JSON.stringify(LOCK)});
	console.log("ready");
	for await (const line of console) {
		try { globalThis.release = await lockFolder(process.argv[1]); console.log("mine"); }
		catch (error) { console.log(error.message); process.exit(1); }
	}`;

let folder: string;
let holders: ChildProcess[];

async function startHolder(): Promise<ChildProcess> {
	const child = spawn(process.execPath, ["--no-env-file", "-e", HOLDER, folder], {
		stdio: ["pipe", "pipe", "inherit"],
	});
	holders.push(child);
	expect(await line(child)).toBe("ready");
	return child;
}

async function line(child: ChildProcess): Promise<string> {
	if (!child.stdout) throw new Error("the child has no output");
	const [chunk] = await once(child.stdout, "data");
	return String(chunk).trim();
}

function tellToLock(child: ChildProcess): Promise<string> {
	const answer = line(child);
	child.stdin?.write("go\n");
	return answer;
}

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "retyn lock "));
	holders = [];
});

afterEach(async () => {
	for (const holder of holders) holder.kill("SIGKILL");
	await Promise.all(holders.map(ending));
	await rm(folder, { recursive: true, force: true });
});

describe("the lock of a data folder", () => {
	test("goes to exactly one of several copies that start at the same moment, the others name it", async () => {
		const copies = await Promise.all([startHolder(), startHolder(), startHolder(), startHolder()]);
		const answers = await Promise.all(copies.map(tellToLock));
		const winner = copies[answers.indexOf("mine")];
		const losers = answers.filter((answer) => answer !== "mine");
		expect(losers).toHaveLength(3);
		for (const sentence of losers)
			expect(sentence).toContain(`Another copy (process ${winner?.pid}) is using`);
	});

	test("is free again when its holder was killed", async () => {
		const holder = await startHolder();
		expect(await tellToLock(holder)).toBe("mine");
		holder.kill("SIGKILL");
		await ending(holder);
		const release = await lockFolder(folder);
		release();
	});

	test("is not kept by a note about a process that still runs but never had it", async () => {
		await writeFile(join(folder, "lock.pid"), "1");
		const release = await lockFolder(folder);
		await expect(lockFolder(folder)).rejects.toThrow(`process ${process.pid}`);
		release();
	});
});
