import { spawn } from "node:child_process";
import { join } from "node:path";
import { TerminalError } from "../terminal.ts";
import { projectRoot } from "./places.ts";
import { ending, endProcess, hasEnded } from "./processes.ts";

/** The API server as a child of ours. */
export interface ServerProcess {
	/** From here it is reached on this machine. */
	readonly origin: string;
	/** Resolves when it ended, whoever ended it. */
	readonly ended: Promise<string>;
	stop(): Promise<void>;
}

/**
 * It is a child, so that an edit restarts it while PostgreSQL stays; Bun restarts it in place, under the same number.
 * It ends when we are killed: Bun sees to that itself.
 */
export function startServer(
	env: Record<string, string | undefined>,
	host: string,
	port: number,
): ServerProcess {
	// What `.env` says has reached us, and is in `env` as far as it counts.
	const flags = ["--no-env-file", "--no-orphans", "--watch", "--no-clear-screen"];
	const child = spawn(process.execPath, [...flags, join(projectRoot, "src", "server.ts")], {
		cwd: projectRoot,
		stdio: ["ignore", "inherit", "inherit"],
		env,
	});
	const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
	return {
		origin: `http://${name.includes(":") ? `[${name}]` : name}:${port}`,
		ended: ending(child),
		async stop() {
			if (child.pid === undefined || hasEnded(child)) return;
			await endProcess(child.pid, [
				["SIGTERM", 9_000],
				["SIGKILL", 2_000],
			]);
		},
	};
}

/** @throws {TerminalError} when the server ends, or does not answer in time */
export async function untilAnswering(server: ServerProcess, withinMs = 15_000): Promise<void> {
	let end: string | undefined;
	void server.ended.then((how) => {
		end = how;
	});
	const limit = performance.now() + withinMs;
	while (performance.now() < limit) {
		if (end !== undefined)
			throw new TerminalError(`The server ended while it was starting (${end}): see its words above.`);
		const alive = await fetch(`${server.origin}/livez`, { signal: AbortSignal.timeout(1_000) }).catch(
			() => undefined,
		);
		if (alive?.ok) return;
		await Bun.sleep(20);
	}
	throw new TerminalError(`The server did not answer within ${withinMs / 1000} s: see its words above.`);
}

/** Signs in as anybody would. */
export async function requestToken(
	server: Pick<ServerProcess, "origin">,
	user: { email: string; password: string },
): Promise<string> {
	const response = await fetch(`${server.origin}/api/auth/token`, {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify(user),
		signal: AbortSignal.timeout(5_000),
	});
	const answer: unknown = await response.json().catch(() => undefined);
	if (answer && typeof answer === "object" && "access_token" in answer) return String(answer.access_token);
	throw new TerminalError(
		`The server gave no token to ${user.email}: ${response.status} ${JSON.stringify(answer)}`,
	);
}
