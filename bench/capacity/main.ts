/**
 * `bun run bench:capacity`: how much one, two and four instances behind nginx answer, and one without, when they are given hits, the
 * mix and misses; who uses the processor for it; and what follows for machines with more cores than this one.
 */
import { parseArgs } from "node:util";
import { runScript } from "../../scripts/run.ts";
import { prepareGround } from "../../scripts/system/ground.ts";
import { type Instance, startInstance } from "../../scripts/system/instance.ts";
import { startNginx } from "../../scripts/system/nginx.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { createRandom } from "../../src/lib/random.ts";
import { authConfig, signUp } from "../market/accounts.ts";
import { shuffled } from "../market/shuffled.ts";
import { soldSubjects } from "../market/subjects.ts";
import { valued } from "../market/valued.ts";
import { chooseLoad } from "../measure/choose-load.ts";
import { openConnection } from "../measure/connection.ts";
import { costTable, type Measured, measuredTable, reckonedTable, reckonFrom } from "./report.ts";
import { measureSlice, type Slice, type Way } from "./slices.ts";
import { worksOf } from "./works.ts";

const USAGE = "bun run bench:capacity [--rounds 3] [--seconds 5] [--instances 1,2,4] [--subjects 2000]";
const CONNECTIONS = 64;
const WARMED_AT_ONCE = 4;
const WARM_UP_S = 2;
const SEED = 1;
const RECKONED = [1, 2, 4, 8, 16];

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(scope: Scope): Promise<number> {
	const { values } = parseArgs({
		options: {
			rounds: { type: "string", default: "3" },
			seconds: { type: "string", default: "5" },
			instances: { type: "string", default: "1,2,4" },
			subjects: { type: "string", default: "2000" },
			help: { type: "boolean", default: false },
		},
	});
	if (values.help) {
		process.stdout.write(`${USAGE}\n`);
		return 0;
	}
	const ground = await prepareGround(scope, { dataFolder: process.env["DLD_DATA_DIR"] });
	const token = await signUp(ground.database.db, authConfig(ground.jwtSecret, ground.postgres.url));
	const counts = values.instances.split(",").map(Number);
	const instances: Instance[] = [];
	while (instances.length < Math.max(...counts)) {
		const settings = { TRUST_PROXY: "true" };
		instances.push(await startInstance(scope, ground, `instance ${instances.length + 1}`, settings));
	}
	const pidsOf = (some: readonly Instance[], nginx: readonly number[]): Way["pids"] => ({
		instances: some.map(({ pid }) => pid),
		nginx,
		Redis: [ground.redis.pid],
		PostgreSQL: [ground.postgres.pid],
	});
	const [first] = instances;
	const ways: Way[] = first
		? [{ name: "1, direct", instances: 1, port: first.port, pids: pidsOf([first], []) }]
		: [];
	for (const count of counts) {
		const some = instances.slice(0, count);
		const nginx = await startNginx(
			scope,
			some.map(({ port }) => port),
		);
		ways.push({
			name: `${count} behind nginx`,
			instances: count,
			port: nginx.port,
			pids: pidsOf(some, [nginx.pid]),
		});
	}

	log(`Having ${values.subjects} properties valued ...`);
	const sold = await soldSubjects(ground.postgres.url, SEED);
	const connections = Array.from({ length: WARMED_AT_ONCE }, () => openConnection(first?.port ?? 0));
	const { subjects } = await scope.race(valued(connections, sold, token, Number(values.subjects)));
	for (const connection of connections) connection.close();

	const rounds = Number(values.rounds);
	const seconds = Number(values.seconds);
	const works = worksOf(subjects, token, SEED, Math.max(seconds, WARM_UP_S));
	const measured = await measure(scope, ways, works, { rounds, seconds });
	print(measured, ground.market, rounds);
	return 0;
}

async function measure(
	scope: Scope,
	ways: readonly Way[],
	works: ReturnType<typeof worksOf>,
	{ rounds, seconds }: { rounds: number; seconds: number },
): Promise<Measured[]> {
	const load = chooseLoad(scope);
	const random = createRandom(SEED);
	const measured: (Measured & { slices: Slice[] })[] = [];
	for (const work of works) {
		const slices = new Map<Way, Slice[]>(ways.map((way) => [way, []]));
		for (let round = 0; round <= rounds; round += 1) {
			log(round === 0 ? `${work.name}: warming up` : `${work.name}: round ${round} of ${rounds}`);
			for (const way of shuffled(ways, random)) {
				const how = { seconds: round === 0 ? WARM_UP_S : seconds, connections: CONNECTIONS };
				const slice = await measureSlice(load, work, way, how);
				if (round > 0) slices.get(way)?.push(slice);
			}
		}
		for (const [way, of] of slices) measured.push({ work: work.name, way: way.name, slices: of });
	}
	return measured;
}

function print(measured: readonly Measured[], market: string, rounds: number): void {
	const lines = [
		`On ${market}, ${CONNECTIONS} connections that are always busy, medians of ${rounds} rounds (least to most).`,
		measuredTable(measured),
		costTable(measured),
		"Reckoned from the costs of one instance behind nginx, for machines where each part has the cores that it can use:",
	];
	for (const one of measured.filter(({ way }) => way === "1 behind nginx")) {
		lines.push(reckonedTable(one.work, reckonFrom(one, RECKONED)));
	}
	process.stdout.write(`${lines.join("\n\n")}\n\n${JSON.stringify({ market, measured })}\n`);
}

await runScript(main);
