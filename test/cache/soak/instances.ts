import { type ChildProcess, spawn } from "node:child_process";
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
		async stop() {
			if (child.exitCode !== null || child.signalCode !== null) return;
			const gone = new Promise((resolve) => child.once("exit", resolve));
			child.kill("SIGKILL");
			await gone;
		},
	};
}

function firstLine(child: ChildProcess): Promise<string> {
	return new Promise((resolve, reject) => {
		child.stdout?.once("data", (data: Buffer) => resolve(data.toString().trim()));
		child.once("error", reject);
		child.once("exit", (code) => reject(new Error(`the instance ended with ${code}`)));
	});
}
