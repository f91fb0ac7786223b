import type { Scope } from "../src/cli/dev/scope.ts";
import type { Case } from "./cases.ts";
import type { Load } from "./measure/load.ts";
import { type BenchRedis, startRedis } from "./measure/redis.ts";
import { type Measurable, type Measured, measureRounds } from "./measure/rounds.ts";
import { Missing, type RunningServer, type ServerKind } from "./measure/server.ts";

/** So many connections that servers are busy all the time. */
const CONNECTIONS = 64;
/** No case under load asks for the slow handler. */
const HANDLER_MS = 20;

export interface Throughput {
	/** Case -> round -> what it did. */
	readonly measured: ReadonlyMap<string, ReadonlyMap<number, Measured>>;
	/** Case -> why it could not be measured here. */
	readonly missing: ReadonlyMap<string, string>;
}

export interface ThroughputOptions {
	readonly scope: Scope;
	readonly load: Load;
	readonly kinds: readonly ServerKind[];
	readonly rounds: number;
	readonly seconds: number;
	readonly seed: number;
	log(line: string): void;
}

/** Starts the servers that the cases name, each once, and measures all cases side by side. */
export async function measureCases(cases: readonly Case[], options: ThroughputOptions): Promise<Throughput> {
	const { scope, load, log, rounds, seconds, seed } = options;
	const missing = new Map<string, string>();
	const ready: Measurable[] = [];
	const redis = await startRedis(scope);
	const servers = startingOnce(options, redis);
	for (const one of cases) {
		try {
			const { kind, running } = await servers(one.server);
			ready.push(measurable(one, kind, running, redis));
		} catch (error) {
			if (!(error instanceof Missing)) throw error;
			missing.set(one.name, error.message);
			log(`Without "${one.name}": ${error.message}`);
		}
	}
	log(`${ready.length} cases, ${rounds} rounds of ${seconds} s each, load by ${load.name}`);
	const measured = await measureRounds(load, ready, {
		rounds,
		seconds,
		seed,
		onRound: (round) => log(`round ${round} of ${rounds}`),
	});
	for (const running of servers.running()) await running.stop();
	return { measured, missing };
}

function startingOnce({ scope, kinds, log }: ThroughputOptions, redis: BenchRedis) {
	const started = new Map<string, Promise<RunningServer>>();
	const all: RunningServer[] = [];

	async function server(name: string) {
		const kind = kinds.find((one) => one.name === name);
		if (!kind) throw new TypeError(`There is no server "${name}"`);
		let starting = started.get(name);
		if (!starting) {
			log(`starting ${name}`);
			starting = kind.start(scope, { redisPort: redis.port, handlerMs: HANDLER_MS });
			started.set(name, starting);
		}
		const running = await starting;
		if (!all.includes(running)) all.push(running);
		return { kind, running };
	}

	return Object.assign(server, { running: () => all });
}

function measurable(one: Case, kind: ServerKind, running: RunningServer, redis: BenchRedis): Measurable {
	const { headers } = running;
	return {
		name: one.name,
		pid: running.pid,
		port: running.port,
		connections: CONNECTIONS,
		requests: headers
			? one.requests.map((request) => ({ ...request, headers: { ...request.headers, ...headers } }))
			: one.requests,
		...(kind.usesRedis && { redisPid: redis.pid }),
	};
}
