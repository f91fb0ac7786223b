import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { freePort } from "../../src/cli/dev/ports.ts";
import { Missing, type ServerKind, startProcess } from "../measure/server.ts";
import { peerFolder, writePayloads } from "./folder.ts";

const APPS = fileURLToPath(new URL("servers", import.meta.url));

/**
 * The best for Flask of what was tried with 64 connections, a hit of 5 KB, 2 shared cores with Redis and wrk on them
 * (3 bursts of 2 s each; requests per second, and the median of processor time for each): 1 worker of 8 threads
 * 2,190 to 2,720, 316 us; 2 of 4 threads 1,780 to 2,460, 426 us; 2 of 1 thread 1,740 to 2,320, 509 us; gunicorn's
 * default, 1 sync worker without keep-alive, 1,880 to 2,630, 316 us; 2 of these 1,760 to 2,270, 329 us.
 */
const WORKERS = ["--workers", "1", "--worker-class", "gthread", "--threads", "8", "--keep-alive", "120"];

/** The first in PATH may be another Python than the one that the system's packages are for. */
export function findPython(): string | undefined {
	const canServe = (python: string) =>
		spawnSync(python, ["-c", "import flask, redis, gunicorn"], { stdio: "ignore" }).status === 0;
	return ["python3", "/usr/bin/python3"].find(canServe);
}

/** Flask with redis-py under gunicorn, from the system's packages. Its processes are all counted. */
export const flask: ServerKind = {
	name: "flask",
	usesRedis: true,
	async start(scope, { redisPort, handlerMs }) {
		const python = findPython();
		if (python === undefined) {
			throw new Missing(
				"No python3 has Flask, redis-py and gunicorn; Debian: apt-get install gunicorn python3-flask python3-redis.",
			);
		}
		const payloads = writePayloads(peerFolder(scope, "flask"));
		const port = await freePort();
		// Loaded before the workers are forked, so that they share one count of runs.
		const gunicorn = ["-B", "-m", "gunicorn", "--preload", "--chdir", APPS, "--log-level", "error"];
		const address = ["--bind", `127.0.0.1:${port}`, "flask_app:app"];
		return startProcess(scope, "flask", python, [...gunicorn, ...WORKERS, ...address], {
			port,
			env: { ...process.env, RETYN_BENCH_FLASK: JSON.stringify({ redisPort, handlerMs, payloads }) },
		});
	},
};
