import { spawn } from "node:child_process";
import { firstLine, kill } from "../support/children.ts";
import { eventually } from "../support/eventually.ts";

/** What an instance gets wrong on purpose, for the soak to find out. */
export type Sabotage =
	/** Hears nothing on the bus. */
	| "deaf"
	/** Says that it has purged, and has not. */
	| "purges"
	/** Takes all callers for one. */
	| "callers";

export interface InstanceSettings {
	redisPort: number;
	/** Where the bus is reached. */
	linkPort: number;
	origin: string;
	sabotage: readonly Sabotage[];
}

export interface InstanceState {
	connected: boolean;
	counts: Record<string, number>;
	rss: number;
	heapUsed: number;
}

export interface Instance {
	readonly pid: number;
	readonly url: string;
	state(): Promise<InstanceState>;
	/** Kills it. */
	stop(): Promise<void>;
}

/** Returns when it hears the bus. */
export async function startInstance(settings: InstanceSettings): Promise<Instance> {
	const file = `${import.meta.dir}/instance.ts`;
	const child = spawn(process.execPath, ["--no-env-file", file, JSON.stringify(settings)], {
		stdio: ["pipe", "pipe", "inherit"],
	});
	const url = `http://127.0.0.1:${await firstLine(child)}`;
	const state = async (): Promise<InstanceState> => (await fetch(`${url}/state`)).json();
	await eventually(async () => (await state()).connected);
	return {
		pid: child.pid ?? 0,
		url,
		state,
		stop: () => kill(child),
	};
}
