/**
 * `bun run bench:ablations`: what each thing that makes a hit cheaper gains. For each, a copy of the cache without it is
 * measured beside the whole, by the benchmark's method.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runScript } from "../../scripts/run.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { type Case, cases } from "../cases.ts";
import { chooseLoad } from "../measure/choose-load.ts";
import { bunServer, type ServerKind } from "../measure/server.ts";
import { ratioSpread } from "../measure/spread.ts";
import { spreadText, table } from "../report/text.ts";
import { ownServers } from "../servers/kinds.ts";
import { measureCases } from "../throughput.ts";
import { seriesOf } from "../verdict.ts";
import { ablations } from "./changes.ts";
import { copyWithout } from "./copy.ts";

const CASES = { "ours-memory": "ours, memory hit, A", "ours-redis": "ours, Redis hit, A, 64 keys" } as const;
const ROUNDS = 9;
const SECONDS = 3;

async function main(scope: Scope): Promise<number> {
	const folder = await mkdtemp(join(tmpdir(), "bench-ablations-"));
	scope.defer(() => rm(folder, { recursive: true, force: true }));
	const kinds: ServerKind[] = [...ownServers];
	const measured: Case[] = Object.values(CASES).map(caseNamed);
	const pairs: { name: string; of: Case; against: Case }[] = [];
	for (const [index, ablation] of ablations.entries()) {
		const file = await copyWithout(ablation, join(folder, String(index)));
		for (const server of ablation.servers) {
			const whole = caseNamed(CASES[server]);
			const one = { ...whole, name: `${whole.name}: ${ablation.name}`, server: `${server}-${index}` };
			const usesRedis = server === "ours-redis";
			kinds.push(bunServer(one.server, file, { mode: usesRedis ? "redis" : "memory", usesRedis }));
			measured.push(one);
			pairs.push({ name: one.name, of: one, against: whole });
		}
	}
	const throughput = await measureCases(measured, {
		scope,
		log: (line) => process.stderr.write(`${line}\n`),
		load: chooseLoad(scope),
		kinds,
		rounds: ROUNDS,
		seconds: SECONDS,
		seed: 1,
	});
	const rows = pairs.map(({ name, of, against }) => [
		name,
		...(["cpu", "rate"] as const).map((measure) => {
			const spread = ratioSpread(
				seriesOf(throughput, of.name, measure),
				seriesOf(throughput, against.name, measure),
			);
			return spread ? spreadText(spread, 2) : "";
		}),
	]);
	process.stdout.write(`${table(["without it", "CPU per request / whole", "requests/s / whole"], rows)}\n`);
	return 0;
}

function caseNamed(name: string): Case {
	const found = cases.find((one) => one.name === name);
	if (!found) throw new TypeError(`There is no case "${name}"`);
	return found;
}

await runScript(main);
