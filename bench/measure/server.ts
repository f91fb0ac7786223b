import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { projectRoot } from "../../src/cli/dev/places.ts";
import { ending, endProcess, hasEnded } from "../../src/cli/dev/processes.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";

/** What a server is told when it is started, as the JSON of its only argument. */
export interface ServerSettings {
	/** Of the Redis that it may use, on the loopback interface. */
	readonly redisPort: number;
	/** How long the handler of `/work/:id` takes, milliseconds. */
	readonly handlerMs: number;
	/** Which of the kinds in its file the server is to be. */
	readonly mode?: string;
}

export interface RunningServer {
	/** The process whose descendants, itself included, are the server. */
	readonly pid: number;
	readonly port: number;
	/** What every request to it has to carry, a token for example. */
	readonly headers?: Readonly<Record<string, string>>;
	stop(): Promise<void>;
}

export interface RunningProcess extends RunningServer {
	/** How it ended, whoever ended it: its status, or the signal. */
	readonly ended: Promise<string>;
}

/** Something that answers the requests of the cases. */
export interface ServerKind {
	readonly name: string;
	readonly usesRedis: boolean;
	/** @throws {Missing} where this machine does not have what it takes. */
	start(scope: Scope, settings: ServerSettings): Promise<RunningServer>;
}

/** What cannot be had here. Named in the report with the reason; the rest goes on without it. */
export class Missing extends Error {
	override readonly name = "Missing";
}

/** A server that is one file for this same Bun, and prints its port as its first line. */
export function bunServer(
	name: string,
	file: URL,
	options: { mode?: string; usesRedis?: boolean } = {},
): ServerKind {
	const { mode, usesRedis = false } = options;
	return {
		name,
		usesRedis,
		start: (scope, settings) =>
			startProcess(scope, name, process.execPath, [
				"--no-env-file",
				file.pathname,
				JSON.stringify({ ...settings, ...(mode !== undefined && { mode }) }),
			]),
	};
}

export interface ProcessOptions {
	cwd?: string;
	env?: Record<string, string | undefined>;
	/** Where it says no port itself: the one it was told, once that one answers. */
	port?: number;
}

const START_WITHIN_MS = 20_000;

/** Starts a process that lives no longer than the scope, and waits until it listens. */
export async function startProcess(
	scope: Scope,
	name: string,
	command: string,
	args: readonly string[],
	options: ProcessOptions = {},
): Promise<RunningProcess> {
	const child = spawn(command, args, {
		cwd: options.cwd ?? projectRoot,
		env: options.env ?? process.env,
		stdio: ["ignore", "pipe", "pipe"],
	});
	const stop = () => stopProcess(child);
	scope.defer(stop);
	let said = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		said = (said + text).slice(-2_000);
	});
	const ended = ending(child);
	const early = ended.then((end) => {
		throw new TerminalError(`The server "${name}" ended with ${end} before it listened: ${said.trim()}`);
	});
	early.catch(() => {});
	const late = Bun.sleep(START_WITHIN_MS).then(() => {
		throw new TerminalError(`The server "${name}" did not listen within ${START_WITHIN_MS / 1000} s`);
	});
	const listening = options.port === undefined ? firstLine(child) : answers(options.port);
	const port = await scope.race(Promise.race([listening, early, late]));
	late.catch(() => {});
	// What it prints later is of no interest, but has to be read.
	child.stdout.resume();
	return { pid: child.pid ?? 0, port, stop, ended };
}

async function firstLine(child: ChildProcess): Promise<number> {
	if (!child.stdout) throw new TypeError("Its output has to be a pipe");
	for await (const line of createInterface({ input: child.stdout })) return Number(line);
	// It said nothing: what it ended with, and on which words, is told by whoever waits for its end.
	return new Promise(() => {});
}

async function answers(port: number): Promise<number> {
	for (;;) {
		try {
			await fetch(`http://127.0.0.1:${port}/runs`);
			return port;
		} catch {
			await Bun.sleep(50);
		}
	}
}

async function stopProcess(child: ChildProcess): Promise<void> {
	if (child.pid === undefined || hasEnded(child)) return;
	await endProcess(child.pid, [
		["SIGTERM", 2_000],
		["SIGKILL", 2_000],
	]);
}
