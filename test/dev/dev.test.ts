import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ending } from "../../src/cli/dev/processes.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { processesMentioning } from "../cache/support/processes.ts";

const DEV = fileURLToPath(new URL("../../src/cli/dev.ts", import.meta.url));
const FIRST_START_MS = 60_000;

interface Run {
	child: ChildProcess;
	/** All that it said so far. */
	output(): string;
	ended: Promise<string>;
}

let folder: string;
let port: number;
let runs: Run[];

beforeAll(async () => {
	// A path with spaces, and one that no other process has in its environment.
	folder = await mkdtemp(join(tmpdir(), "retyn dev "));
	await chmod(folder, 0o711);
	port = await freePort();
	runs = [];
});

afterAll(async () => {
	for (const { child } of runs) child.kill("SIGTERM");
	await Promise.all(runs.map(({ ended }) => ended));
	await rm(folder, { recursive: true, force: true });
});

function dev(): Run {
	const { PATH = "", HOME = folder } = process.env;
	const child = spawn(process.execPath, ["--no-env-file", DEV], {
		env: { PATH, HOME, RETYN_DATA_DIR: folder, PORT: String(port), HOST: "127.0.0.1", LOG_LEVEL: "warn" },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let text = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.on("data", (chunk) => {
			text += chunk;
		});
	}
	const run = { child, output: () => text, ended: ending(child) };
	runs.push(run);
	return run;
}

async function says(run: Run, words: string): Promise<void> {
	await eventually(() => {
		if (run.output().includes(words)) return;
		if (run.child.exitCode !== null) throw new Error(`it ended:\n${run.output()}`);
		throw new Error(`it never said "${words}":\n${run.output()}`);
	}, FIRST_START_MS);
}

async function valuate(run: Run): Promise<Response> {
	const [, token = ""] = /Authorization: Bearer ([^']+)'/.exec(run.output()) ?? [];
	const [, body = ""] = / -d '([^']+)'/.exec(run.output()) ?? [];
	return fetch(`http://127.0.0.1:${port}/api/property/valuation`, {
		method: "POST",
		headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
		body,
	});
}

/** What `bun run cache` says, with nothing but the folder to know the server by. */
function cacheCommand(...args: string[]): unknown {
	const command = fileURLToPath(new URL("../../src/cli/cache.ts", import.meta.url));
	const { PATH = "" } = process.env;
	const { status, stdout, stderr } = spawnSync(process.execPath, ["--no-env-file", command, ...args], {
		env: { PATH, RETYN_DATA_DIR: folder },
		encoding: "utf8",
	});
	if (status !== 0) throw new Error(`it ended with ${status}: ${stderr}`);
	return JSON.parse(stdout);
}

/** The tests are one story, told in order: each start finds what the one before left behind. */
describe("bun run dev", () => {
	test(
		"stopped by Ctrl-C while the sample is filled in leaves no process",
		async () => {
			const run = dev();
			await says(run, "Filling in a made-up Dubai market");
			run.child.kill("SIGINT");
			run.child.kill("SIGINT");
			expect(await run.ended).toBe("0");
			expect(processesMentioning(folder)).toEqual([]);
		},
		FIRST_START_MS,
	);

	test(
		"then starts anew, and the line that it prints is answered from the whole sample",
		async () => {
			const run = dev();
			await says(run, "A valuation to paste:");
			expect(run.output()).toContain("Filling in a made-up Dubai market");
			const answer = await valuate(run);
			expect(answer.status).toBe(200);
			expect(answer.headers.get("X-Retyn-Data")).toBe("SAMPLE");
			const { mode } = await stat(join(folder, "dev.json"));
			expect(mode & 0o777).toBe(0o600);
			expect(cacheCommand("stats", "--json")).toMatchObject({ success: true });
			expect(cacheCommand("purge", "--everything", "--json")).toMatchObject({ success: true });
		},
		FIRST_START_MS,
	);

	test("started a second time on the same data says which process has them, and changes nothing", async () => {
		const [, first] = runs;
		const second = dev();
		expect(await second.ended).toBe("1");
		expect(second.output()).toContain(`Another copy (process ${first?.child.pid}) is using`);
		expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
	});

	test("killed with no chance to clean up takes its server along, and the next start its PostgreSQL", async () => {
		const [, killed] = runs;
		killed?.child.kill("SIGKILL");
		await killed?.ended;
		await eventually(() =>
			fetch(`http://127.0.0.1:${port}/livez`).then(
				() => false,
				() => true,
			),
		);
		const leftover = Number(
			(await readFile(join(folder, "postgres", "postmaster.pid"), "utf8")).split("\n")[0],
		);
		const run = dev();
		await says(run, "A valuation to paste:");
		expect(run.output()).not.toContain("Filling in");
		expect(processesMentioning(folder)).not.toContain(leftover);
		expect((await valuate(run)).status).toBe(200);
	});

	test("stopped by SIGTERM leaves no process and no address of a database that is gone", async () => {
		const run = runs.at(-1);
		run?.child.kill("SIGTERM");
		expect(await run?.ended).toBe("0");
		expect(processesMentioning(folder)).toEqual([]);
		const state = await readFile(join(folder, "dev.json"), "utf8");
		expect(state).not.toMatch(/databaseUrl|serverUrl|serverToken/);
	});

	test("with its port in use says so in one sentence and leaves nothing behind", async () => {
		const squatter = createServer();
		await new Promise<void>((resolve) => squatter.listen(port, "127.0.0.1", resolve));
		const run = dev();
		expect(await run.ended).toBe("1");
		expect(run.output().trim()).toMatch(new RegExp(`^Port ${port} is in use: [^\\n]+$`));
		expect(processesMentioning(folder)).toEqual([]);
		await new Promise((resolve) => squatter.close(resolve));
	});
});
