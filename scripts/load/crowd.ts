import { authConfig, signUp } from "../../bench/market/accounts.ts";
import { type Subject, soldSubjects } from "../../bench/market/subjects.ts";
import { valued } from "../../bench/market/valued.ts";
import { openConnection } from "../../bench/measure/connection.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import type { Fleet } from "../system/fleet.ts";
import type { Ground } from "../system/ground.ts";
import { type Asks, createAsks, type Shares } from "./asks.ts";
import { signInUsers, type User } from "./users.ts";

/** Users who are signed in, and what they are going to ask for. */
export interface Crowd extends Asks {
	readonly users: readonly User[];
	readonly everyMs: number;
	/** What is asked for by Zipf's law; every one has a value, which is in the cache. */
	readonly subjects: readonly Subject[];
	/** Of somebody besides, for whoever measures. */
	readonly token: string;
}

export interface CrowdOptions {
	readonly users: number;
	/** Milliseconds between the requests of one user, in the mean. */
	readonly everyMs: number;
	readonly subjects: number;
	/** For so long they will ask about. */
	readonly seconds: number;
	readonly shares?: Shares;
}

export const SEED = 1;
/** Few: with more at once the database keeps the cores from Redis, and answers are not stored in time. */
const WARMED_AT_ONCE = 4;
/** Users do not keep time, so somewhat more is asked than can be reckoned. */
const MORE = 1.2;

/** Has every property valued once, and signs everybody in. */
export async function prepareCrowd(
	scope: Scope,
	ground: Ground,
	{ nginx }: Fleet,
	{ users, everyMs, subjects: count, seconds, shares }: CrowdOptions,
): Promise<Crowd> {
	const token = await signUp(ground.database.db, authConfig(ground.jwtSecret, ground.postgres.url));
	const sold = await soldSubjects(ground.postgres.url, SEED);
	const connections = Array.from({ length: WARMED_AT_ONCE }, () => openConnection(nginx.port));
	const { subjects } = await scope.race(valued(connections, sold, token, count));
	for (const connection of connections) connection.close();
	const length = Math.ceil((users * seconds * 1000 * MORE) / everyMs);
	return {
		...createAsks(subjects, length, SEED, shares),
		users: await scope.race(signInUsers(ground, `http://127.0.0.1:${nginx.port}`, users)),
		everyMs,
		subjects,
		token,
	};
}
