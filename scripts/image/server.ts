import { readFileSync } from "node:fs";
import { usageOf } from "../../bench/measure/processes.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { type Container, type Image, startContainer } from "./container.ts";

/** A server in a container that has answered. */
export interface ContainedServer {
	readonly origin: string;
	/** Milliseconds from its start, the container's included, to its first answer. */
	readonly firstAnswerMs: number;
	/** Milliseconds of processor time that it had used by then, all its threads together. */
	readonly firstAnswerCpuMs: number;
	/** Milliseconds from its start to the first time that /readyz said yes. */
	readonly readyMs: number;
	readonly container: Container;
	residentBytes(): number;
	/** SIGTERM. How it ended, and after how many milliseconds. */
	stop(): Promise<{ end: string; ms: number }>;
}

const ANSWER_WITHIN_MS = 30_000;
const ASK_EVERY_MS = 2;

/** @param env has its PORT @throws {TerminalError} with its words where it does not answer or get ready */
export async function startServer(
	scope: Scope,
	image: Image,
	env: Readonly<Record<string, string>>,
): Promise<ContainedServer> {
	const origin = `http://127.0.0.1:${env["PORT"]}`;
	const begun = performance.now();
	const container = startContainer(scope, image, image.config.command, env);
	let end: string | undefined;
	void container.ended.then((how) => {
		end = how;
	});

	async function answers(path: string): Promise<number> {
		while (!(await fetch(origin + path).catch(() => undefined))?.ok) {
			if (end !== undefined) throw failed(`ended with ${end}`);
			if (performance.now() - begun > ANSWER_WITHIN_MS) throw failed(`did not answer ${path}`);
			await Bun.sleep(ASK_EVERY_MS);
		}
		return performance.now() - begun;
	}
	const failed = (how: string) =>
		new TerminalError(`The server in the container ${how}: ${container.output().trim()}`);

	const firstAnswerMs = await scope.race(answers("/livez"));
	const firstAnswerCpuMs = usageOf(container.pid()).cpuS * 1000;
	const readyMs = await scope.race(answers("/readyz"));
	return {
		origin,
		firstAnswerMs,
		firstAnswerCpuMs,
		readyMs,
		container,
		residentBytes: () => residentBytes(container.pid()),
		async stop() {
			const told = performance.now();
			// 0 would be whoever started us.
			if (container.pid() > 0) process.kill(container.pid(), "SIGTERM");
			const how = await scope.race(container.ended);
			return { end: how, ms: performance.now() - told };
		},
	};
}

/** What a process holds in memory, files that are mapped included: what a container's limit counts, and more. */
function residentBytes(pid: number): number {
	const [, kilobytes = ""] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
	return Number(kilobytes) * 1024;
}
