import { beforeAll, beforeEach, expect } from "bun:test";
import { insertUser } from "../../db/queries/identity.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestApp } from "../support/app.ts";
import { MARKET_DAY } from "../support/market.ts";
import { quickPasswords } from "../support/passwords.ts";
import { type Server, useServers } from "../support/servers.ts";

/** What a whole file waits for on a busy machine: three processes, then what each makes before anybody asks. */
export const START_WITHIN_MS = 60_000;
export const TEST_WITHIN_MS = 40_000;
export const PASSWORD = "a pass phrase that is long enough";

export type Three = readonly [Server, Server, Server];

export interface Stats {
	instances: unknown[];
	policies: Record<string, { fills: { count: number }; stale: number }>;
}

/** Three servers over one Redis and one database, for one test file; before each test they hear each other. */
export function useThree(env: Record<string, string> = {}) {
	const ground = useServers({ live: "file" });
	let three: Three | undefined;
	let tokenOf: (role: "admin" | "user") => Promise<RequestInit>;
	let admin: RequestInit;
	const opened = () => {
		if (!three) throw new Error("The servers are there only while tests run.");
		return three;
	};

	/** Of all of them. */
	const stats = async () => (await opened()[0].get("/api/admin/cache/stats", admin)).json() as Promise<Stats>;

	beforeAll(async () => {
		// What was asked for is not made again when the market changes: what is seen is what callers set off.
		const settings = { CACHE_WARM_VALUATIONS: "0", ...env };
		const { signUp } = await createTestApp({
			database: ground.database,
			clock: createTestClock(Date.now()),
		});
		tokenOf = async (role) => ({ headers: { Authorization: `Bearer ${await signUp(role)}` } });
		admin = await tokenOf("admin");
		three = await Promise.all([ground.start(settings), ground.start(settings), ground.start(settings)]);
	}, START_WITHIN_MS);

	beforeEach(async () => {
		for (const server of opened()) {
			await eventually(async () => {
				const { code, checks } = await server.ready();
				expect({ code, cache: checks["cache"] }).toMatchObject({ code: 200, cache: { status: "ok" } });
			}, 20_000);
		}
		await eventually(async () => expect((await stats()).instances).toHaveLength(3), 20_000);
	}, START_WITHIN_MS);

	return {
		ground,
		stats,
		get servers() {
			return opened();
		},
		get admin() {
			return admin;
		},
		/** The token of somebody new, as requests carry it. */
		somebody: () => tokenOf("user"),
		/** The e-mail of somebody new who can sign in with `PASSWORD`. */
		async account(): Promise<string> {
			const email = `${crypto.randomUUID()}@example.com`;
			const passwordHash = await quickPasswords.hash(PASSWORD);
			await insertUser(ground.database.db, { email, passwordHash, role: "user" });
			return email;
		},
	};
}

let size = 60;
/** A flat that nobody asked for before. */
export function anotherFlat() {
	size += 0.05;
	return {
		property_type: "Flat",
		area: "Business Bay",
		size_sqm: Number(size.toFixed(2)),
		as_of: MARKET_DAY,
	};
}
