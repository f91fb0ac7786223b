import { beforeAll, describe, expect, test } from "bun:test";
import { insertUser } from "../../db/queries/identity.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestApp } from "../support/app.ts";
import { MARKET_DAY } from "../support/market.ts";
import { quickPasswords } from "../support/passwords.ts";
import { type Server, useServers } from "../support/servers.ts";

const TEST_WITHIN_MS = 40_000;
const PASSWORD = "a pass phrase that is long enough";

const ground = useServers();
let admin: RequestInit;
beforeAll(async () => {
	const { database } = ground;
	const { signUp } = await createTestApp({ database, clock: createTestClock(Date.now()) });
	admin = { headers: { Authorization: `Bearer ${await signUp("admin")}` } };
});

/** Three that hear each other, each done with what it makes before anybody asks. */
async function startThree(env: Record<string, string> = {}): Promise<[Server, Server, Server]> {
	const three = await Promise.all([ground.start(env), ground.start(env), ground.start(env)]);
	for (const server of three) {
		await eventually(async () => (await server.ready()).code === 200, 10_000);
		await eventually(async () => (await statsOf(server)).instances.length === 3, 10_000);
	}
	return three;
}

interface Stats {
	instances: unknown[];
	policies: Record<string, { fills: { count: number }; stale: number }>;
}

async function statsOf(server: Server): Promise<Stats> {
	return (await server.get("/api/admin/cache/stats", admin)).json() as Promise<Stats>;
}

let sizes = 50;
/** A flat that nobody asked for before. */
function anotherFlat() {
	sizes += 1;
	return { property_type: "Flat", area: "Business Bay", size_sqm: sizes, as_of: MARKET_DAY };
}

async function cacheStatus(response: Promise<Response>): Promise<string> {
	const answered = await response;
	expect(answered.status).toBe(200);
	await answered.arrayBuffer();
	return answered.headers.get("Cache-Status") ?? "";
}

const isHit = (status: string) => /;\s*hit/.test(status);

async function account(): Promise<string> {
	const email = `${crypto.randomUUID()}@example.com`;
	await insertUser(ground.database.db, {
		email,
		passwordHash: await quickPasswords.hash(PASSWORD),
		role: "user",
	});
	return email;
}

describe("three instances over one Redis and one database", () => {
	test(
		"24: work out one value for all who ask for it at once, wherever they ask",
		async () => {
			const three = await startThree();
			const before = (await statsOf(three[0])).policies["valuation"]?.fills.count ?? 0;
			const flat = anotherFlat();
			const asks = three.flatMap((server) =>
				Array.from({ length: 70 }, () => cacheStatus(server.value(flat))),
			);
			const statuses = await Promise.all(asks);
			const workedOut = statuses.filter((status) => !isHit(status) && !status.includes("collapsed"));
			expect(workedOut).toHaveLength(1);
			await eventually(async () => {
				expect((await statsOf(three[0])).policies["valuation"]?.fills.count).toBe(before + 1);
			});
		},
		TEST_WITHIN_MS,
	);

	test(
		"30: refresh a stale answer once, though each of them gives it",
		async () => {
			const three = await startThree();
			const flat = anotherFlat();
			for (const server of three) await eventually(async () => isHit(await cacheStatus(server.value(flat))));
			const before = (await statsOf(three[0])).policies["valuation"];
			await three[0].post("/api/admin/cache/expire", { tags: ["model"] }, admin);
			const asks = three.flatMap((server) =>
				Array.from({ length: 30 }, () => cacheStatus(server.value(flat))),
			);
			for (const status of await Promise.all(asks)) expect(isHit(status)).toBe(true);
			await eventually(async () => {
				const after = (await statsOf(three[0])).policies["valuation"];
				expect(after?.stale).toBeGreaterThan(before?.stale ?? 0);
				expect(after?.fills.count).toBe((before?.fills.count ?? 0) + 1);
			});
		},
		TEST_WITHIN_MS,
	);

	test(
		"42: forget within 100 ms what one of them is told to purge",
		async () => {
			const three = await startThree();
			const flat = anotherFlat();
			// The second time it comes from each one's memory.
			for (let round = 0; round < 2; round += 1) {
				for (const server of three)
					await eventually(async () => isHit(await cacheStatus(server.value(flat))));
			}
			await three[0].post("/api/admin/cache/purge", { policy: "valuation" }, admin);
			await Bun.sleep(100);
			const statuses = await Promise.all(three.map((server) => cacheStatus(server.value(flat))));
			expect(statuses.filter(isHit)).toEqual([]);
		},
		TEST_WITHIN_MS,
	);

	test(
		"take each other's sessions, and none that was ended at another",
		async () => {
			const three = await startThree();
			const email = await account();
			const signedIn = await three[0].post("/api/auth/login", { email, password: PASSWORD });
			expect(signedIn.status).toBe(200);
			const [cookie = ""] = (signedIn.headers.get("set-cookie") ?? "").split(";");
			const asBrowser = async (server: Server, path: string, method = "GET") =>
				(await fetch(server.url + path, { method, headers: { Cookie: cookie, Origin: server.url } })).status;
			for (const server of three) expect(await asBrowser(server, "/api/areas/buy")).toBe(200);
			expect(await asBrowser(three[1], "/api/auth/logout", "POST")).toBeWithin(200, 300);
			for (const server of three) {
				await eventually(async () => (await asBrowser(server, "/api/areas/buy")) === 401, 1_000);
			}
		},
		TEST_WITHIN_MS,
	);
});

describe("what may be done so often", () => {
	const LIMITS = { VALUATION_MISSES_PER_MINUTE: "6", LOGIN_ATTEMPTS_PER_MINUTE: "4" };

	async function refusedOf(asks: Promise<Response>[]): Promise<number> {
		const statuses = (await Promise.all(asks)).map(({ status }) => status);
		return statuses.filter((status) => status === 429).length;
	}

	test(
		"is counted by three instances together, for values and for attempts to sign in",
		async () => {
			const three = await startThree(LIMITS);
			const values = three.flatMap((server) => Array.from({ length: 4 }, () => server.value(anotherFlat())));
			expect(await refusedOf(values)).toBe(6);
			const email = await account();
			const attempts = three.flatMap((server) =>
				Array.from({ length: 3 }, () => server.post("/api/auth/token", { email, password: "wrong" })),
			);
			expect(await refusedOf(attempts)).toBe(5);
		},
		TEST_WITHIN_MS,
	);

	test(
		"is counted by each for itself while Redis is frozen, and nobody waits for that",
		async () => {
			const three = await startThree(LIMITS);
			ground.redis.freeze();
			try {
				const email = await account();
				for (const server of three) {
					const begun = performance.now();
					const attempts = Array.from({ length: 6 }, () =>
						server.post("/api/auth/token", { email, password: "wrong" }),
					);
					expect(await refusedOf(attempts)).toBe(2);
					// Two limits are asked one after the other, each for the store's deadline of a second here.
					expect(performance.now() - begun).toBeLessThan(5_000);
				}
			} finally {
				ground.redis.thaw();
			}
			const email = await account();
			await eventually(async () => {
				const attempts = three.map((server) => server.post("/api/auth/token", { email, password: "wrong" }));
				expect(await refusedOf(attempts)).toBeGreaterThan(0);
			}, 10_000);
		},
		TEST_WITHIN_MS,
	);
});
