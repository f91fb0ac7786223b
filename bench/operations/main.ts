/**
 * `bun run bench:operations`: what it costs that an operator can see what happens. The same application answers from
 * memory twice, side by side: with counters, metrics, log lines and the count of what is in demand, all at the settings of
 * production, and with none of them.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runScript } from "../../scripts/run.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { asking } from "../market/subjects.ts";
import { chooseLoad } from "../measure/choose-load.ts";
import type { BenchRequest } from "../measure/request.ts";
import { type Measurable, type Measured, measureRounds } from "../measure/rounds.ts";
import { startProcess } from "../measure/server.ts";
import { ratioSpread } from "../measure/spread.ts";
import { table } from "../report/text.ts";
import { sampleMarket } from "./sample.ts";

/** Of the requests per second. */
const GOAL = 0.95;
const CONNECTIONS = 64;

const USAGE = `bun run bench:operations [--rounds 15] [--seconds 2]`;

async function main(scope: Scope): Promise<number> {
	const { values } = parseArgs({
		options: {
			rounds: { type: "string", default: "15" },
			seconds: { type: "string", default: "2" },
			help: { type: "boolean", default: false },
		},
	});
	if (values.help) {
		process.stdout.write(`${USAGE}\n`);
		return 0;
	}
	const log = (line: string) => process.stderr.write(`${line}\n`);
	const load = chooseLoad(scope);
	const { url, secret, token } = await sampleMarket(scope, log);
	const server = (mode: string) =>
		startProcess(
			scope,
			mode,
			process.execPath,
			[
				"--no-env-file",
				fileURLToPath(new URL("server.ts", import.meta.url)),
				JSON.stringify({ redisPort: 0, handlerMs: 0, mode }),
			],
			{ env: { PATH: process.env["PATH"], NODE_ENV: "production", DATABASE_URL: url, JWT_SECRET: secret } },
		);
	const [watched, unwatched] = [await server("watched"), await server("unwatched")];
	const cases = requests(token).flatMap(({ name, request }) =>
		[["watched", watched] as const, ["unwatched", unwatched] as const].map(
			([mode, { pid, port }]): Measurable => ({
				name: `${name}, ${mode}`,
				pid,
				port,
				connections: CONNECTIONS,
				requests: [request],
			}),
		),
	);
	const measured = await measureRounds(load, cases, {
		rounds: Number(values.rounds),
		seconds: Number(values.seconds),
		seed: 1,
		onRound: (round) => log(`round ${round} of ${values.rounds}`),
	});
	const ratios = requests(token).map(({ name }) => compare(name, measured));
	process.stdout.write(
		`${table(
			["hit in memory", "requests/s, ratio", "least to most", "CPU, ratio", "CPU us more"],
			ratios.map(({ name, rate, cpu, moreUs }) => [
				name,
				rate.median.toFixed(3),
				`${rate.min.toFixed(3)} to ${rate.max.toFixed(3)}`,
				cpu.median.toFixed(3),
				moreUs.toFixed(2),
			]),
		)}\n\n${JSON.stringify({ goal: GOAL, ratios })}\n`,
	);
	return ratios.every(({ rate }) => rate.median >= GOAL) ? 0 : 1;
}

function requests(token: string): { name: string; request: BenchRequest }[] {
	const headers = asking(token);
	return [
		{ name: "a list of areas", request: { path: "/api/areas/buy", headers } },
		{
			name: "a valuation",
			request: {
				method: "POST",
				path: "/api/property/valuation",
				headers: { ...headers, "Content-Type": "application/json" },
				body: JSON.stringify({ property_type: "Flat", area: "Business Bay", size_sqm: 70, bedrooms: 1 }),
			},
		},
	];
}

/** Within each round, where both saw the same machine. */
function compare(name: string, measured: ReadonlyMap<string, ReadonlyMap<number, Measured>>) {
	const series = (mode: string, of: keyof Measured) =>
		new Map(
			[...(measured.get(`${name}, ${mode}`) ?? [])].map(
				([round, seen]) => [round, Number(seen[of])] as const,
			),
		);
	const ratio = (of: keyof Measured) => {
		const spread = ratioSpread(series("watched", of), series("unwatched", of));
		if (!spread) throw new Error("There were no rounds");
		return spread;
	};
	const cpu = ratio("cpuUs");
	const unwatched = [...series("unwatched", "cpuUs").values()].toSorted((a, b) => a - b);
	const typical = unwatched[Math.floor(unwatched.length / 2)] ?? 0;
	return { name, rate: ratio("requestsPerSecond"), cpu, moreUs: (cpu.median - 1) * typical };
}

await runScript(main);
