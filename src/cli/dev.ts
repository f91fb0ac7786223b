import { migrateDatabase } from "../../db/migrate.ts";
import { type Config, readConfig } from "../config.ts";
import { ensureDeveloper } from "./dev/developer.ts";
import { startEmbedded } from "./dev/embedded.ts";
import { greeting } from "./dev/greeting.ts";
import { lockFolder } from "./dev/lock.ts";
import { openMarket } from "./dev/market.ts";
import { dataFolder, makeFolder } from "./dev/places.ts";
import { freePort, listeningFault } from "./dev/ports.ts";
import { Interrupted, Scope, stopOnSignals } from "./dev/scope.ts";
import { requestToken, startServer, untilAnswering } from "./dev/server-process.ts";
import { type DevState, newState, readState, writeState } from "./dev/state.ts";
import { unusableDatabase } from "./dev/unusable.ts";
import { sentenceOf, TerminalError } from "./terminal.ts";

type Environment = Record<string, string | undefined>;

/** A token that is printed once has to last for a day's work. */
const TOKEN_LASTS_S = 24 * 3600;
const NOTHING_RUNS = { databaseUrl: undefined, serverUrl: undefined, serverToken: undefined };

/** Runs until the scope is asked to stop, or something that it needs ends by itself. */
async function develop(scope: Scope, given: Environment): Promise<never> {
	const folder = dataFolder(given);
	await makeFolder(folder);
	scope.defer(await lockFolder(folder));
	const state = { ...((await readState(folder)) ?? newState()), ...NOTHING_RUNS };
	const { env, config } = developmentEnvironment(given, state);
	const port = await choosePort(config);
	await writeState(folder, state);

	const market = given["DATABASE_URL"]
		? await useDatabase(scope, given["DATABASE_URL"])
		: await useEmbedded(scope, folder, state);
	// In a database of somebody's own nobody becomes an administrator by our doing.
	const role = given["DATABASE_URL"] ? "user" : "admin";
	await scope.race(ensureDeveloper(market.url, state.user, role));

	scope.signal.throwIfAborted();
	const server = startServer({ ...env, DATABASE_URL: market.url, PORT: String(port) }, config.host, port);
	scope.defer(() => server.stop());
	await scope.race(untilAnswering(server));
	const token = await scope.race(requestToken(server, state.user));
	await noteServer(scope, folder, { serverUrl: server.origin, serverToken: token });
	const seconds = performance.now() / 1000;
	console.log(
		greeting({ origin: server.origin, token, email: state.user.email, about: market.about, seconds }),
	);

	const serverEnded = server.ended.then((how) => `The server ended (${how}).`);
	throw new TerminalError(await scope.race(Promise.race([serverEnded, market.ended])));
}

/** For the commands, as long as it runs. */
async function noteServer(
	scope: Scope,
	folder: string,
	server: Pick<DevState, "serverUrl" | "serverToken">,
): Promise<void> {
	const state = (await readState(folder)) ?? newState();
	await writeState(folder, { ...state, ...server });
	scope.defer(() => writeState(folder, { ...state, ...NOTHING_RUNS, databaseUrl: state.databaseUrl }));
}

/** What is given counts, secrets for this machine fill in. Whatever is wrong is said before anything is started. */
function developmentEnvironment(given: Environment, state: DevState): { env: Environment; config: Config } {
	const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
	const env = {
		NODE_ENV: "development",
		JWT_SECRET: state.jwtSecret,
		JWT_TTL_S: String(TOKEN_LASTS_S),
		...present,
	};
	return { env, config: readConfig({ DATABASE_URL: "postgres://started-below", ...env }) };
}

async function choosePort({ host, port }: Config): Promise<number> {
	if (port === 0) return freePort();
	const fault = await listeningFault(port, host);
	if (fault === undefined) return port;
	if (fault !== "EADDRINUSE") throw new TerminalError(`Port ${port} of ${host} cannot be opened: ${fault}.`);
	throw new TerminalError(
		`Port ${port} is in use: stop what listens there, or choose another one, PORT=${port + 1} say.`,
	);
}

interface Market {
	url: string;
	about: string[];
	/** Resolves with a sentence when the database is gone for good. */
	ended: Promise<string>;
}

/** Nobody's own database is filled with made-up figures. */
async function useDatabase(scope: Scope, url: string): Promise<Market> {
	const migrated = migrateDatabase(url).catch((error) => {
		throw unusableDatabase(error);
	});
	await scope.race(migrated);
	const about = [
		"Data: what the database in DATABASE_URL holds. Its schema is up to date; no sample was filled in.",
	];
	return { url, about, ended: new Promise(() => {}) };
}

async function useEmbedded(scope: Scope, folder: string, known: DevState): Promise<Market> {
	const { cluster, data, programs, state } = await startEmbedded(scope, folder, known);
	const url = await scope.race(openMarket(cluster, (text) => console.log(text)));
	const running = { ...state, databasePort: cluster.port, databaseUrl: url };
	await writeState(folder, running);
	scope.defer(() => writeState(folder, { ...running, databaseUrl: undefined }));
	const about = [
		"Data: a made-up SAMPLE of a market, until you import official files; no figure in it is real.",
		"  Values follow the comparables alone until the valuation has learned from it: bun run model train",
		`  PostgreSQL's data: ${data}`,
		`  Secrets and addresses for this machine: ${folder}/dev.json`,
	];
	if (!data.startsWith(folder)) {
		about.push(
			`  PostgreSQL's user may not enter the project: its data are there, and its programs in ${programs}`,
		);
	}
	return { url, about, ended: cluster.ended.then((how) => `PostgreSQL ended (${how}).`) };
}

const scope = new Scope();
stopOnSignals(scope, process.env);
let status = 1;
try {
	await develop(scope, process.env);
} catch (error) {
	if (error instanceof Interrupted) status = 0;
	else console.error(sentenceOf(error));
}
await scope.close();
process.exit(status);
