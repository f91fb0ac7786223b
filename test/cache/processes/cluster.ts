import { spawn } from "node:child_process";
import type { PolicyOptions } from "../../../src/cache/index.ts";
import type { RedisAddress } from "../../../src/cache/redis.ts";
import { firstLine, kill } from "../support/children.ts";
import { eventually } from "../support/eventually.ts";

export interface InstanceSettings {
	redis: RedisAddress;
	/** Where handlers get their answers from. */
	origin: string;
	memoryBytes: number;
	deadlineMs: number;
	policy: Partial<PolicyOptions> & { ttl: number };
}

/** A process that serves `/things/:id` from the cache. */
export interface Instance {
	readonly pid: number;
	get(id: string): Promise<Response>;
	purge(what: object): Promise<Response>;
	state(): Promise<{ connected: boolean; counts: Record<string, number> }>;
	/** SIGKILL. */
	kill(): Promise<void>;
}

/** What the handlers of all instances ask: one server, in the process of the test. */
export interface Origin {
	readonly url: string;
	/** How often a thing was asked for. */
	runs(id: string): number;
	/** What it answers from now on. The default is `<id> run <n>`, after 100 ms. */
	answers(answer: (id: string, run: number) => Response | Promise<Response>): void;
	stop(): Promise<void>;
}

export function startOrigin(): Origin {
	const runs = new Map<string, number>();
	let answer: (id: string, run: number) => Response | Promise<Response> = async (id, run) => {
		await Bun.sleep(100);
		return new Response(`${id} run ${run}`);
	};
	const server = Bun.serve({
		hostname: "127.0.0.1",
		port: 0,
		idleTimeout: 60,
		fetch(request) {
			const id = new URL(request.url).pathname.slice(1);
			const run = (runs.get(id) ?? 0) + 1;
			runs.set(id, run);
			return answer(id, run);
		},
	});
	return {
		url: `http://127.0.0.1:${server.port}`,
		runs: (id) => runs.get(id) ?? 0,
		answers(next) {
			answer = next;
		},
		stop: () => server.stop(true),
	};
}

/** Starts instances and waits until each of them hears the bus. */
export async function startInstances(count: number, settings: InstanceSettings): Promise<Instance[]> {
	const instances = await Promise.all(Array.from({ length: count }, () => startInstance(settings)));
	await eventually(async () =>
		(await Promise.all(instances.map((one) => one.state()))).every((s) => s.connected),
	);
	return instances;
}

export async function startInstance(settings: InstanceSettings): Promise<Instance> {
	const child = spawn(
		process.execPath,
		["--no-env-file", `${import.meta.dir}/instance.ts`, JSON.stringify(settings)],
		{
			stdio: ["ignore", "pipe", "inherit"],
		},
	);
	const port = await firstLine(child);
	const url = `http://127.0.0.1:${port}`;
	return {
		pid: child.pid ?? 0,
		get: (id) => fetch(`${url}/things/${id}`),
		purge: (what) =>
			fetch(`${url}/purge`, {
				method: "POST",
				body: JSON.stringify(what),
				headers: { "Content-Type": "application/json" },
			}),
		state: async () => (await fetch(`${url}/state`)).json(),
		kill: () => kill(child),
	};
}
