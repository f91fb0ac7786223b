import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	chmod,
	chown,
	cp,
	link,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rename,
	rm,
	writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { type Account, postgresAccount } from "../../src/cli/dev/account.ts";
import { type Cluster, type ClusterOptions, startCluster } from "../../src/cli/dev/cluster.ts";
import { dataPlace, makeFolder, programsPlace } from "../../src/cli/dev/places.ts";
import { ending, isAlive } from "../../src/cli/dev/processes.ts";
import { packagedPrograms } from "../../src/cli/dev/programs.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { processesMentioning } from "../cache/support/processes.ts";

const CLUSTER = fileURLToPath(new URL("../../src/cli/dev/cluster.ts", import.meta.url));
const QUICK = { settings: { fsync: "off" }, initdbArgs: ["--no-sync"] };

let programs: string;
let account: Account | undefined;
let folder: string;
let running: Cluster[];

beforeAll(async () => {
	account = postgresAccount();
	programs = await programsPlace(packagedPrograms(), account);
});

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'retyn\'s "cluster" '));
	await chmod(folder, 0o711);
	running = [];
});

afterEach(async () => {
	await Promise.all(running.map((cluster) => cluster.stop()));
	await rm(folder, { recursive: true, force: true });
});

function options(more: Partial<ClusterOptions> = {}): ClusterOptions {
	const password = "made up";
	return {
		programs,
		account,
		data: join(folder, "data"),
		log: join(folder, "log"),
		password,
		...QUICK,
		...more,
	};
}

async function begin(more?: Partial<ClusterOptions>): Promise<Cluster> {
	const cluster = await startCluster(options(more));
	running.push(cluster);
	return cluster;
}

/** Starts a server from a process that is killed then. */
async function leaveBehind(given: ClusterOptions): Promise<number> {
	const script = `
		const { startCluster } = await import(${JSON.stringify(CLUSTER)});
		const cluster = await startCluster(JSON.parse(process.argv[1]));
		console.log(cluster.pid);
		process.kill(process.pid, "SIGKILL");`;
	const owner = spawn(process.execPath, ["--no-env-file", "-e", script, JSON.stringify(given)], {
		// The test run's own environment makes Bun kill the children of whoever ends.
		env: { PATH: process.env["PATH"] ?? "" },
		stdio: ["ignore", "pipe", "inherit"],
	});
	const [pid] = await once(owner.stdout, "data");
	await ending(owner);
	return Number(pid);
}

async function query(url: string, text: string): Promise<unknown> {
	const sql = postgres(url, { max: 1, onnotice: () => {} });
	try {
		const [row] = await sql.unsafe(text).values();
		return row?.[0];
	} finally {
		await sql.end();
	}
}

describe("an embedded cluster", () => {
	test("keeps what was written from one start to the next, on the same port", async () => {
		const first = await begin();
		await query(first.url("postgres"), "create table kept as select 42 as value");
		await first.stop();
		expect(isAlive(first.pid)).toBe(false);
		const second = await begin({ port: first.port });
		expect(second.port).toBe(first.port);
		expect(await query(second.url("postgres"), "select value from kept")).toBe(42);
	});

	test("lets nobody in without its password", async () => {
		const cluster = await begin();
		const url = new URL(cluster.url("postgres"));
		url.password = "another one";
		await expect(query(url.href, "select 1")).rejects.toThrow("password authentication failed");
	});

	test("takes another port when the remembered one is in use", async () => {
		const port = await freePort();
		const squatter = createServer().listen(port, "127.0.0.1");
		await once(squatter, "listening");
		const cluster = await begin({ port });
		expect(cluster.port).not.toBe(port);
		squatter.close();
	});

	test("is made anew when the folder was only half made", async () => {
		const draft = join(folder, "data.draft-1");
		await mkdir(draft);
		await writeFile(join(draft, "PG_VERSION"), "18\n");
		const cluster = await begin();
		expect(await query(cluster.url("postgres"), "select 1")).toBe(1);
		expect((await readdir(folder)).sort()).toEqual(["data", "log"]);
	});

	test("leaves neither a process nor half a folder when it is interrupted while being made", async () => {
		const interruption = new AbortController();
		const started = startCluster(options({ signal: interruption.signal }));
		const outcome = started.then(
			() => "started",
			(error) => error,
		);
		await eventually(() => processesMentioning(folder).length > 0);
		interruption.abort("enough");
		expect(await outcome).toBe("enough");
		await eventually(() => processesMentioning(folder).length === 0);
		expect(await readdir(folder)).toEqual(["log"]);
	});

	test("that outlived its killed owner is ended before its data are used again", async () => {
		const pid = await leaveBehind(options());
		expect(isAlive(pid)).toBe(true);
		const cluster = await begin();
		expect(isAlive(pid)).toBe(false);
		expect(await query(cluster.url("postgres"), "select 1")).toBe(1);
	});

	test("that outlived its killed owner is ended also when its folder has another name by now", async () => {
		const before = join(folder, "before");
		await makeFolder(before);
		const pid = await leaveBehind(options({ data: join(before, "data") }));
		await rename(before, join(folder, "after"));
		const cluster = await begin({ data: join(folder, "after", "data") });
		expect(isAlive(pid)).toBe(false);
		expect(await query(cluster.url("postgres"), "select 1")).toBe(1);
	});

	test("does not take data that another PostgreSQL seems to use, and lets that one be", async () => {
		await (await begin()).stop();
		const other = await begin({ data: join(folder, "other") });
		const note = join(folder, "data", "postmaster.pid");
		await writeFile(note, `${other.pid}\n${folder}/data\n1\n1\n\n127.0.0.1\n\nready\n`);
		if (account) await chown(note, account.uid, account.gid);
		await expect(startCluster(options())).rejects.toThrow("postmaster.pid");
		expect(await readFile(note, "utf8")).toStartWith(`${other.pid}\n`);
		expect(await query(other.url("postgres"), "select 1")).toBe(1);
	});

	test("is not kept from starting by a note whose number now belongs to another process", async () => {
		await (await begin()).stop();
		const stranger = spawn("sleep", ["60"]);
		const note = join(folder, "data", "postmaster.pid");
		await writeFile(note, `${stranger.pid}\n${folder}/data\n1\n1\n\n127.0.0.1\n\nready\n`);
		if (account) await chown(note, account.uid, account.gid);
		const cluster = await begin();
		expect(await query(cluster.url("postgres"), "select 1")).toBe(1);
		expect(isAlive(Number(stranger.pid))).toBe(true);
		stranger.kill();
		await ending(stranger);
	});

	test("that cannot start says why, in PostgreSQL's own words", async () => {
		await (await begin()).stop();
		const outcome = startCluster(options({ settings: { shared_buffers: "nonsense" } }));
		await expect(outcome).rejects.toThrow(/PostgreSQL did not start[\s\S]*shared_buffers/);
	});
});

// What concerns root alone; everybody else is the ordinary user of whom the tests above tell.
if (process.getuid?.() === 0) {
	describe("as root", () => {
		let open: string;

		beforeAll(async () => {
			open = await mkdtemp(join(tmpdir(), "retyn-open-"));
			await chmod(open, 0o755);
		});

		afterAll(() => rm(open, { recursive: true, force: true }));

		test("the server runs under another user", async () => {
			const { pid } = await begin();
			const status = await readFile(`/proc/${pid}/status`, "utf8");
			expect(status).toMatch(new RegExp(`^Uid:\\s+${account?.uid}\\s`, "m"));
		});

		test("a folder that only root may enter gets data and programs outside of it", async () => {
			const closed = join(folder, "closed");
			await mkdir(closed, { mode: 0o700 });
			await makeFolder(join(closed, ".data"));
			await cp(programs, join(closed, "native"), { recursive: true, verbatimSymlinks: true });
			const bases = [join(open, "outside")];
			const place = await programsPlace(join(closed, "native"), account, bases);
			const data = await dataPlace(join(closed, ".data"), account, bases);
			expect([place, data].filter((path) => !path.startsWith(bases[0] ?? "-"))).toEqual([]);
			const cluster = await begin({ programs: place, data: join(data, "data") });
			expect(await query(cluster.url("postgres"), "select 1")).toBe(1);
			expect(await programsPlace(join(closed, "native"), account, bases)).toBe(place);
		});

		test("a base that somebody else made first is not used", async () => {
			const base = join(open, "taken");
			await mkdir(base);
			await chown(base, account?.uid ?? 0, account?.gid ?? 0);
			const closed = join(folder, "closed");
			await mkdir(closed, { mode: 0o700 });
			await expect(dataPlace(closed, account, [base])).rejects.toThrow("there is no place for it");
		});

		test("an ordinary user starts and stops one of their own", async () => {
			const script = join(open, "ordinary.ts");
			await writeFile(
				script,
				`import { startCluster } from ${JSON.stringify(CLUSTER)};
				const cluster = await startCluster(JSON.parse(process.argv[2] ?? ""));
				await cluster.stop();
				console.log("fine", process.getuid?.());`,
			);
			const built = await Bun.build({
				entrypoints: [script],
				target: "bun",
				outdir: open,
				naming: "ordinary.js",
			});
			expect(built.success).toBe(true);
			// Neither the sources nor this Bun need be where that user may go.
			const bun = join(open, "bun");
			await link(process.execPath, bun).catch(() => cp(process.execPath, bun));
			const home = join(open, "home");
			await mkdir(home);
			await chown(home, account?.uid ?? 0, account?.gid ?? 0);
			const own = { ...options(), account: undefined, data: join(home, "data"), log: join(home, "log") };
			const child = spawn(bun, [join(open, "ordinary.js"), JSON.stringify(own)], {
				...account,
				cwd: home,
				env: { HOME: home },
				stdio: ["ignore", "pipe", "inherit"],
			});
			const [output] = await once(child.stdout, "data");
			expect(String(output).trim()).toBe(`fine ${account?.uid}`);
			expect(await ending(child)).toBe("0");
		});
	});
}
