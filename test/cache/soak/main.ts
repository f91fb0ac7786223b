/**
 * `bun run soak [--seconds N] [--seed N] [--calm] [--patient] [--sabotage deaf,purges,callers]` keeps two real processes on
 * one Redis under load, purges and faults, checks every answer and prints what it saw. Exit code 1 on a breach.
 */
import { parseArgs } from "node:util";
import type { Sabotage } from "./instances.ts";
import { soakReport } from "./report.ts";
import { PATIENT } from "./rules.ts";
import { soak } from "./soak.ts";

const { values } = parseArgs({
	options: {
		seconds: { type: "string", default: "180" },
		seed: { type: "string", default: "1" },
		calm: { type: "boolean", default: false },
		patient: { type: "boolean", default: false },
		sabotage: { type: "string", default: "" },
	},
});
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
	process.on(signal, () => {
		interrupted = true;
	});
}

const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed)) throw new TypeError("--seconds and --seed are numbers");
process.stdout.write(`Soak of ${seconds} s with seed ${seed} ...\n`);
const result = await soak({
	seconds,
	seed,
	faults: !values.calm,
	sabotage: values.sabotage.split(",").filter(Boolean) as Sabotage[],
	enough: () => interrupted,
	...(values.patient && { bounds: PATIENT }),
});
process.stdout.write(`${soakReport(result)}\n`);
process.exit(result.tally.breaches.length > 0 ? 1 : 0);
