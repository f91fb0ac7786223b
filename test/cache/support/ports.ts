import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const LOWEST = 10_000;
/** Redis Cluster talks on port + 10000, which must stay below 32768, where systems begin to hand out ports themselves. */
const HIGHEST = 22_767;
const BUS_OFFSET = 10_000;

/** A TCP port of the loopback address that was free a moment ago, and so was the one 10,000 above it. */
export async function freePort(): Promise<number> {
	for (let attempt = 0; attempt < 100; attempt += 1) {
		const port = randomInt(LOWEST, HIGHEST + 1);
		if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) return port;
	}
	throw new Error(`no free port was found between ${LOWEST} and ${HIGHEST}`);
}

function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const probe = createServer();
		probe.once("error", () => resolve(false));
		probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
	});
}
