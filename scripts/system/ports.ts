import { randomInt } from "node:crypto";
import { isFree } from "../../src/cli/dev/ports.ts";

/** Below what systems hand out to connections by themselves: those would take the place of a server that is away for a while. */
const LOWEST = 10_000;
const HIGHEST = 32_767;
const ATTEMPTS = 100;

/** A TCP port of the loopback address that is free, and likely to be so when a server comes back to it. */
export async function steadyPort(): Promise<number> {
	for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
		const port = randomInt(LOWEST, HIGHEST + 1);
		if (await isFree(port)) return port;
	}
	throw new Error(`No free port was found between ${LOWEST} and ${HIGHEST}`);
}
