// For the peers on Node: what stands behind the cache, as bench/servers/origin.ts has it for Bun.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const settings = JSON.parse(process.argv[2] ?? "");
const payloads = JSON.parse(readFileSync(settings.payloads, "utf8"));

export const TTL_S = 3600;

let runs = 0;

export const origin = {
	payload(kind, id) {
		const text = payloads[`${kind}/${id}`];
		if (text === undefined) throw new TypeError(`There is no payload ${kind}/${id}`);
		return text;
	},
	async work(id) {
		runs += 1;
		const run = runs;
		await sleep(settings.handlerMs);
		return JSON.stringify({ id, run });
	},
	get runs() {
		return runs;
	},
};
