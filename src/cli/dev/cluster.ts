import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { TerminalError } from "../terminal.ts";
import type { Account } from "./account.ts";
import { freePort, isFree } from "./ports.ts";
import { commandLine, ending, endProcess, hasEnded, isAlive, isListed } from "./processes.ts";

export interface ClusterOptions {
	/** Folder with `bin`, `lib` and `share`. */
	programs: string;
	account: Account | undefined;
	/** Folder of this cluster alone; made when it is not there. Its parent must be ours to write to. */
	data: string;
	log: string;
	/** The superuser's, which is called `retyn`. */
	password: string;
	/** Taken where it is free, so that addresses stay the same from one start to the next. */
	port?: number | undefined;
	/** Entries for postgresql.conf. */
	settings?: Record<string, string>;
	initdbArgs?: string[];
	/** Ends the start; nothing is left running then. */
	signal?: AbortSignal;
}

/** A running PostgreSQL of our own, reachable from this machine only. */
export interface Cluster {
	readonly port: number;
	readonly pid: number;
	url(database: string): string;
	/** Resolves when the server ended, whoever ended it. */
	readonly ended: Promise<string>;
	/** Ends its sessions and itself; a checkpoint is written, so that the next start is quick. */
	stop(): Promise<void>;
}

const USER = "retyn";
const START_WITHIN_MS = 30_000;
const GENTLY = [
	["SIGINT", 6_000],
	["SIGQUIT", 3_000],
	["SIGKILL", 2_000],
] as const;

/** @throws {TerminalError} with the end of the server's log */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
	await endLeftover(options.data);
	await initialise(options);
	// Between looking for a free port and taking it, somebody else may have taken it.
	for (let attempt = 1; ; attempt++) {
		const wanted = attempt === 1 ? options.port : undefined;
		const port = wanted && (await isFree(wanted)) ? wanted : await freePort();
		try {
			return await start(options, port);
		} catch (error) {
			options.signal?.throwIfAborted();
			if (attempt === 3 || !(error instanceof TerminalError) || (await isFree(port))) throw error;
		}
	}
}

/** Fills a folder beside the wanted one and renames it: what is there under its own name is complete. */
async function initialise(options: ClusterOptions): Promise<void> {
	const { data, account, signal } = options;
	const parent = dirname(data);
	const drafts = `${basename(data)}.draft`;
	for (const name of await readdir(parent)) {
		if (name.startsWith(drafts)) await rm(join(parent, name), { recursive: true, force: true });
	}
	if (await stat(data).catch(() => undefined)) return;

	const draft = join(parent, `${drafts}-${process.pid}`);
	const passwordFile = `${draft}-password`;
	try {
		await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 });
		await makeOwned(draft, account);
		if (account) await chown(passwordFile, account.uid, account.gid);
		// The built-in locale is the same on every system, whatever locales that has.
		const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
		const access = [`--username=${USER}`, "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
		const initdb = launch(options, "initdb", [
			"-D",
			draft,
			...locale,
			...access,
			...(options.initdbArgs ?? []),
		]);
		const kill = () => killGroup(initdb);
		signal?.addEventListener("abort", kill, { once: true });
		const end = await ending(initdb);
		signal?.removeEventListener("abort", kill);
		signal?.throwIfAborted();
		if (end !== "0") {
			throw new TerminalError(
				`PostgreSQL's data folder could not be made (initdb: ${end}).\n${await tail(options.log)}`,
			);
		}
		await rename(draft, data);
	} finally {
		await rm(passwordFile, { force: true });
		await rm(draft, { recursive: true, force: true });
	}
}

async function start(options: ClusterOptions, port: number): Promise<Cluster> {
	const { data, signal } = options;
	signal?.throwIfAborted();
	const settings: Record<string, string> = {
		port: String(port),
		listen_addresses: "127.0.0.1",
		unix_socket_directories: "",
		lc_messages: "C",
		...options.settings,
	};
	const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
	const server = launch(options, "postgres", ["-D", data, ...flags]);
	const ended = ending(server);
	const { pid } = server;
	try {
		const limit = performance.now() + START_WITHIN_MS;
		while (pid === undefined || !(await isReady(data, pid))) {
			signal?.throwIfAborted();
			if (hasEnded(server) || pid === undefined || performance.now() > limit) {
				throw new TerminalError(`PostgreSQL did not start.\n${await tail(options.log)}`);
			}
			await Bun.sleep(10);
		}
	} catch (error) {
		if (pid !== undefined) await endProcess(pid, GENTLY.slice(1));
		throw error;
	}
	return {
		port,
		pid,
		ended,
		url: (database) =>
			`postgres://${USER}:${encodeURIComponent(options.password)}@127.0.0.1:${port}/${database}`,
		async stop() {
			if (!hasEnded(server)) await endProcess(pid, GENTLY);
		},
	};
}

/** In a session of its own, so that a Ctrl-C at the terminal reaches us only and the order of the end is ours. */
function launch(options: ClusterOptions, program: string, args: string[]): ChildProcess {
	const log = openSync(options.log, "a", 0o600);
	try {
		return spawn(join(options.programs, "bin", program), args, {
			...options.account,
			cwd: "/",
			detached: true,
			stdio: ["ignore", log, log],
			env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
		});
	} finally {
		closeSync(log);
	}
}

/**
 * A server that outlived its owner (killed with no chance to clean up) is ended before its data are used again. A note
 * of one that is gone is removed where PostgreSQL would believe it: its number may belong to some other process by now,
 * or still be listed because nobody asked how it ended. Some other PostgreSQL is neither ended nor contradicted.
 */
async function endLeftover(data: string): Promise<void> {
	const { pid, folder } = await postmasterNote(data);
	if (!pid) return;
	const words = isAlive(pid) ? commandLine(pid) : [];
	// Where `ps` tells the words they are joined.
	if (/(^|\/)postgres([: ]|$)/.test(words[0] ?? "")) {
		const line = `${words.join(" ")} `;
		const ours = [data, folder].some((given) => given && line.includes(` -D ${given} `));
		if (ours) await endProcess(pid, GENTLY);
	} else if (isListed(pid)) await rm(join(data, "postmaster.pid"), { force: true });
}

/** What `pg_ctl` looks at: the eighth line of postmaster.pid tells the server's state. */
async function isReady(data: string, pid: number): Promise<boolean> {
	const note = await postmasterNote(data);
	return note.pid === pid && note.state === "ready";
}

interface PostmasterNote {
	pid: number | undefined;
	/** The data folder by the path with which that server was started; it may have another one by now. */
	folder: string | undefined;
	state: string | undefined;
}

async function postmasterNote(data: string): Promise<PostmasterNote> {
	const lines = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
	return { pid: Number(lines[0]) || undefined, folder: lines[1], state: lines[7]?.trim() };
}

async function makeOwned(folder: string, account: Account | undefined): Promise<void> {
	await mkdir(folder, { mode: 0o700 });
	if (account) await chown(folder, account.uid, account.gid);
}

function killGroup(child: ChildProcess): void {
	try {
		if (child.pid) process.kill(-child.pid, "SIGKILL");
	} catch {
		// It has ended by itself.
	}
}

async function tail(log: string): Promise<string> {
	const lines = (await readFile(log, "utf8").catch(() => "")).trimEnd().split("\n");
	return lines.slice(-12).join("\n");
}
