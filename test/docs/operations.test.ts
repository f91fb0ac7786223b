import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import postgres from "postgres";
import { ending } from "../../src/cli/dev/processes.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { createTestRedis, type TestRedis } from "../cache/support/redis.ts";
import { projectFile } from "../deploy/files.ts";

/** One block of commands of the page, and what it says that they print. */
interface Shown {
	readonly command: string;
	readonly output: string;
}

const page = projectFile("docs/operations.md");
const shown: Shown[] = [...page.matchAll(/```sh\n([^`]+)```(?:\n\n```(?:text|json)\n([^`]+)```)?/g)].map(
	([, command = "", output = ""]) => ({ command: command.trim(), output }),
);

let redis: TestRedis;
let folder: string;
let dev: ChildProcess;
let environment: Record<string, string>;
/** Addresses on the page, and where they are here. */
let places: Record<string, string>;
let databaseUrl: string;

/** A fresh start, as the page's first lines tell to make it. */
beforeAll(async () => {
	redis = await createTestRedis({});
	folder = await mkdtemp(join(tmpdir(), "retyn operations "));
	await chmod(folder, 0o711);
	const [port, metricsPort] = [await freePort(), await freePort()];
	const { PATH = "", HOME = folder } = process.env;
	environment = {
		PATH: `${join(process.execPath, "..")}:${join(process.cwd(), "node_modules", ".bin")}:${PATH}`,
		HOME,
		RETYN_DATA_DIR: folder,
	};
	places = { "127.0.0.1:8000": `127.0.0.1:${port}`, "127.0.0.1:9464": `127.0.0.1:${metricsPort}` };
	dev = spawn(process.execPath, ["--no-env-file", "src/cli/dev.ts"], {
		env: {
			...environment,
			PORT: String(port),
			METRICS_PORT: String(metricsPort),
			HOST: "127.0.0.1",
			REDIS_ENABLED: "true",
			REDIS_PORT: String(redis.port),
			CACHE_STORE_DEADLINE_MS: "1000",
			LOG_LEVEL: "warn",
		},
		stdio: ["ignore", "pipe", "inherit"],
	});
	let said = "";
	dev.stdout?.on("data", (chunk) => {
		said += chunk;
	});
	await eventually(() => said.includes("A valuation to paste"), 100_000);
	const token = /Authorization: Bearer ([^']+)'/.exec(said)?.[1] ?? "";
	const state = JSON.parse(await readFile(join(folder, "dev.json"), "utf8")) as { databaseUrl: string };
	databaseUrl = state.databaseUrl;
	const ask = (path: string, init: RequestInit = {}) =>
		fetch(`http://127.0.0.1:${port}${path}`, {
			...init,
			headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
		});
	await eventually(async () => (await ask("/readyz")).ok, 60_000);
	const body = JSON.stringify({ property_type: "Flat", area: "Business Bay", size_sqm: 70 });
	for (let time = 0; time < 2; time += 1) {
		expect((await ask("/api/areas/buy")).status).toBe(200);
		expect((await ask("/api/property/valuation", { method: "POST", body })).status).toBe(200);
	}
}, 180_000);

afterAll(async () => {
	dev?.kill("SIGTERM");
	if (dev) await ending(dev);
	await redis?.stop();
	await rm(folder, { recursive: true, force: true });
}, 30_000);

async function run(command: string): Promise<{ output: string; code: number | null }> {
	if (command.startsWith("psql")) return runSql(/ -c '([^']+)'/.exec(command)?.[1] ?? "");
	const here = Object.entries(places).reduce(
		(text, [there, place]) => text.replaceAll(there, place),
		command,
	);
	const child = spawn("bash", ["-e", "-o", "pipefail", "-c", here], {
		env: environment,
		stdio: ["ignore", "pipe", "pipe"],
	});
	const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
	const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
	return { output: out + error, code: await ended };
}

/** Not every machine has the program; the statement is what counts. */
async function runSql(statement: string): Promise<{ output: string; code: number }> {
	const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
	try {
		return { output: JSON.stringify(await sql.unsafe(statement)), code: 0 };
	} finally {
		await sql.end();
	}
}

/** What does not change from run to run: words, not figures, keys and dates. */
function words(of: string): Set<string> {
	return new Set((of.match(/[A-Za-z_-]{3,}/g) ?? []).filter((word) => !/^[a-f_-]+$/.test(word)));
}

describe("an operator who follows docs/operations.md", () => {
	test("finds commands on the page, and what they print", () => {
		expect(shown.length).toBeGreaterThan(8);
		expect(shown.filter(({ output }) => output !== "").length).toBeGreaterThan(7);
	});

	test.each(shown)(
		"sees what the page says: $command",
		async ({ command, output }) => {
			const seen = await run(command);
			expect(seen).toMatchObject({ code: 0 });
			const found = words(seen.output);
			const missing = [...words(output)].filter((word) => !found.has(word));
			// A word or two may depend on what has been asked for until then.
			const share = missing.length / Math.max(1, words(output).size);
			if (share > 0.1)
				throw new Error(`The page says ${missing.join(", ")}, but it printed:\n${seen.output}`);
		},
		30_000,
	);

	test("finds every place that an alert sends to, and every file that the page names", () => {
		const sent = [...projectFile("deploy/prometheus/rules.yml").matchAll(/docs\/operations\.md#([\w-]+)/g)];
		expect(sent.length).toBeGreaterThan(8);
		const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
			heading
				.toLowerCase()
				.replace(/[^\w -]/g, "")
				.replaceAll(" ", "-"),
		);
		expect(sent.map(([, anchor]) => anchor).filter((anchor) => !headings.includes(anchor ?? ""))).toEqual([]);
		const files = [...page.matchAll(/`((?:deploy|src|test|docs)\/[\w./-]+)`/g)].map(([, file = ""]) => file);
		expect(files.filter((file) => !existsSync(file))).toEqual([]);
	});
});
