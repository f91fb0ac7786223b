/**
 * `bun run bench:operations`: what it costs that an operator can see what happens: counters, metrics, log lines and the
 * count of what is in demand, all at the settings of production, against the same application with none of them. How much
 * longer a hit takes is measured inside of the process, where it can be told; how long a request takes in all, on real servers
 * under load, which are also compared side by side, as far as a noisy machine allows.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runScript } from "../../scripts/run.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { chooseLoad } from "../measure/choose-load.ts";
import { type Measurable, type Measured, measureRounds } from "../measure/rounds.ts";
import { startProcess } from "../measure/server.ts";
import { ratioSpread, spreadOf } from "../measure/spread.ts";
import { table } from "../report/text.ts";
import { hitRequests } from "./requests.ts";
import { sampleMarket } from "./sample.ts";

/** Of the processor time of a hit, and so of the requests per second of a server that is busy with them. */
const GOAL = 0.05;
const CONNECTIONS = 64;
const USAGE = "bun run bench:operations [--rounds 15] [--seconds 2]";

interface InProcess {
	readonly name: string;
	readonly unwatchedUs: number;
	readonly moreUs: number;
}

type Rounds = ReadonlyMap<string, ReadonlyMap<number, Measured>>;

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
	const { url, secret, token } = await sampleMarket(scope, log);
	const env = { PATH: process.env["PATH"], NODE_ENV: "production", DATABASE_URL: url, JWT_SECRET: secret };
	log("Inside of the process ...");
	const inside = await scope.race(inProcess(token, env));

	const server = async (mode: string) => {
		const settings = JSON.stringify({ redisPort: 0, handlerMs: 0, mode });
		const args = ["--no-env-file", fileURLToPath(new URL("server.ts", import.meta.url)), settings];
		return { mode, ...(await startProcess(scope, mode, process.execPath, args, { env })) };
	};
	const servers = [await server("watched"), await server("unwatched")];
	const cases = hitRequests(token).flatMap(({ name, request }) =>
		servers.map(
			({ mode, pid, port }): Measurable => ({
				name: `${name}, ${mode}`,
				pid,
				port,
				connections: CONNECTIONS,
				requests: [request],
			}),
		),
	);
	const measured = await measureRounds(chooseLoad(scope), cases, {
		rounds: Number(values.rounds),
		seconds: Number(values.seconds),
		seed: 1,
		onRound: (round) => log(`round ${round} of ${values.rounds}`),
	});
	const verdicts = inside.map((one) => verdict(one, measured));
	process.stdout.write(
		`${table(
			[
				"hit in memory",
				"us more",
				"of us, server",
				"share",
				"goal",
				"requests/s, side by side",
				"least to most",
			],
			verdicts.map(({ name, moreUs, cpuUs, share, rate }) => [
				name,
				moreUs.toFixed(2),
				cpuUs.toFixed(1),
				`${(100 * share).toFixed(1)} %`,
				`${100 * GOAL} %`,
				rate.median.toFixed(3),
				`${rate.min.toFixed(3)} to ${rate.max.toFixed(3)}`,
			]),
		)}\n\n${JSON.stringify({ goal: GOAL, verdicts })}\n`,
	);
	return verdicts.every(({ share }) => share <= GOAL) ? 0 : 1;
}

async function inProcess(token: string, env: Record<string, string | undefined>): Promise<InProcess[]> {
	const script = fileURLToPath(new URL("in-process.ts", import.meta.url));
	const child = Bun.spawn([process.execPath, "--no-env-file", script, token], { env, stderr: "inherit" });
	const said = await new Response(child.stdout).text();
	if ((await child.exited) !== 0) throw new TerminalError("The measurement inside of the process failed.");
	return JSON.parse(said) as InProcess[];
}

function verdict({ name, moreUs }: InProcess, measured: Rounds) {
	const series = (mode: string, of: keyof Measured) =>
		new Map(
			[...(measured.get(`${name}, ${mode}`) ?? [])].map(
				([round, seen]) => [round, Number(seen[of])] as const,
			),
		);
	const rate = ratioSpread(series("watched", "requestsPerSecond"), series("unwatched", "requestsPerSecond"));
	if (!rate) throw new TerminalError("There were no rounds.");
	const cpuUs = spreadOf([...series("unwatched", "cpuUs").values()]).median;
	return { name, moreUs, cpuUs, share: moreUs / cpuUs, rate };
}

await runScript(main);
