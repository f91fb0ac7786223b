import type { Scope } from "../../src/cli/dev/scope.ts";
import { now } from "../load/faults.ts";
import type { Instance } from "../system/instance.ts";

/** How one instance was replaced. */
export interface Restart {
	readonly name: string;
	/** Its exit status, or the signal. */
	readonly end: string;
	/** From the signal until it was gone, and from its start until it was ready; milliseconds. */
	readonly stopMs: number;
	readonly startMs: number;
}

const BETWEEN_MS = 1_000;

/** Tells one after the other to stop, waits until it is gone, starts it, waits until it is ready, and goes on to the next. */
export async function restartInTurn(scope: Scope, instances: readonly Instance[]): Promise<Restart[]> {
	const restarts: Restart[] = [];
	for (const instance of instances) {
		const begun = now();
		const end = await scope.race(instance.stop());
		const gone = now();
		await scope.race(instance.start());
		restarts.push({ name: instance.name, end, stopMs: gone - begun, startMs: now() - gone });
		await scope.race(Bun.sleep(BETWEEN_MS));
	}
	return restarts;
}

/** Kills one, and starts it again after a while. @returns milliseconds from its start until it was ready */
export async function killOne(scope: Scope, instance: Instance, awayMs: number): Promise<number> {
	await instance.kill();
	await scope.race(Bun.sleep(awayMs));
	const begun = now();
	await scope.race(instance.start());
	return now() - begun;
}
