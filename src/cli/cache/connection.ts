import { openDatabase } from "../../../db/client.ts";
import { findUserByEmail } from "../../../db/queries/identity.ts";
import { issueToken } from "../../auth/index.ts";
import { readConfig } from "../../config.ts";
import { systemClock } from "../../lib/clock.ts";
import { databaseUrl } from "../dev/database-url.ts";
import { dataFolder } from "../dev/places.ts";
import { requestToken } from "../dev/server-process.ts";
import { type DevState, readState } from "../dev/state.ts";
import { TerminalError } from "../terminal.ts";

type Environment = Record<string, string | undefined>;

/** A server, and how to be let in as an administrator. */
export interface Connection {
	/** Without a slash at the end. */
	readonly url: string;
	/** A token; another one each time, where that can be had. @throws {TerminalError} where there is none, or no other */
	token(): Promise<string>;
}

/** Long enough for any command; `top` asks for another one. */
const TOKEN_LASTS_S = 300;

/** @param as the e-mail of an administrator, for whom a token is issued here. @throws {TerminalError} */
export async function connectionOf(env: Environment, as: string | undefined): Promise<Connection> {
	const state = env["RETYN_URL"] ? undefined : await readState(dataFolder(env));
	const dev = state?.serverUrl ? { ...state, serverUrl: state.serverUrl } : undefined;
	const url = env["RETYN_URL"] ? checked(env["RETYN_URL"]) : (dev?.serverUrl ?? hereOf(env));
	const own = env["RETYN_TOKEN"];
	if (as !== undefined) return { url, token: () => issued(env, as) };
	if (own) return { url, token: once(own) };
	if (dev) return { url, token: ofDeveloper(dev) };
	return { url, token: async () => Promise.reject(noToken(env)) };
}

function hereOf(env: Environment): string {
	return `http://127.0.0.1:${Number(env["PORT"]) || 8000}`;
}

function checked(text: string): string {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username) {
		return url.href.replace(/\/+$/, "");
	}
	throw new TerminalError("RETYN_URL must be the address of a server, https://avm.example for example.");
}

/** A token that is refused would be refused again. */
function once(token: string): () => Promise<string> {
	let given = false;
	return async () => {
		if (given)
			throw new TerminalError("The server does not accept the token in RETYN_TOKEN: it has ended, perhaps.");
		given = true;
		return token;
	};
}

/** The token that `bun run dev` printed; when that has ended, a new one. */
function ofDeveloper({ serverUrl, serverToken, user }: DevState & { serverUrl: string }) {
	let known = serverToken;
	return async () => {
		const token = known ?? (await requestToken({ origin: serverUrl }, user));
		known = undefined;
		return token;
	};
}

async function issued(env: Environment, email: string): Promise<string> {
	if (!env["DATABASE_URL"] || !env["JWT_SECRET"]) {
		throw new TerminalError("--as needs DATABASE_URL and JWT_SECRET, as they are where the server runs.");
	}
	const { auth } = readConfig(env);
	const database = openDatabase({
		url: await databaseUrl(env),
		max: 1,
		applicationName: "retyn-avm-cache",
	});
	try {
		const user = await findUserByEmail(database.db, { email: email.trim().toLowerCase() });
		if (user?.role !== "admin" || user.disabledAt) {
			throw new TerminalError(`${email} is no administrator: bun run user:add EMAIL --role admin makes one.`);
		}
		return await issueToken({ db: database.db, clock: systemClock, config: auth }, user, TOKEN_LASTS_S);
	} finally {
		await database.close();
	}
}

function noToken(env: Environment): TerminalError {
	const ways = ["set RETYN_TOKEN to the token of an administrator"];
	if (env["DATABASE_URL"] && env["JWT_SECRET"]) ways.unshift("say as whom: --as EMAIL of an administrator");
	if (!env["RETYN_URL"]) ways.push("start `bun run dev`, whose developer is one");
	return new TerminalError(`There is no token for the server: ${ways.join(", or ")}.`);
}
