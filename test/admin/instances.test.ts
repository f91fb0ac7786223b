import { beforeAll, describe, expect, test } from "bun:test";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestApp } from "../support/app.ts";
import { type Server, useServers } from "../support/servers.ts";
import { bodyOf, FLAT } from "./support.ts";

const ground = useServers();
let headers: Record<string, string>;
beforeAll(async () => {
	const { database } = ground;
	const { signUp } = await createTestApp({ database, clock: createTestClock(Date.now()) });
	headers = { Authorization: `Bearer ${await signUp("admin")}` };
});

const ask = (server: Server, path: string) => server.get(`/api/admin/${path}`, { headers });
const tell = (server: Server, path: string, body: unknown) =>
	server.post(`/api/admin/${path}`, body, { headers });
const statsOf = (server: Server) => bodyOf(ask(server, "cache/stats"));

/** Two that hear each other. */
async function startTwo(env: Record<string, string> = {}): Promise<[Server, Server]> {
	const both = await Promise.all([ground.start(env), ground.start(env)]);
	await eventually(async () => (await statsOf(both[0])).instances.length === 2);
	await eventually(async () => (await statsOf(both[1])).instances.length === 2);
	return both;
}

const stateAt = (server: Server) =>
	bodyOf(tell(server, "cache/explain", { method: "POST", path: "/api/property/valuation", body: FLAT }));

const cacheStatus = async (server: Server) => {
	const response = await server.value(FLAT);
	await response.arrayBuffer();
	return response.headers.get("Cache-Status") ?? "";
};

const TEST_WITHIN_MS = 30_000;

describe("statistics", () => {
	test(
		"are those of all instances together, whichever is asked",
		async () => {
			const [one, other] = await startTwo();
			const list = async (server: Server) => {
				const response = await server.get("/api/areas/trends");
				await response.arrayBuffer();
				return /;\s*hit/.test(response.headers.get("Cache-Status") ?? "");
			};
			for (const server of [one, other]) await eventually(() => list(server));
			const before = (await statsOf(one)).policies.areas;
			for (const server of [one, one, one, other, other]) expect(await list(server)).toBe(true);
			for (const server of [one, other]) {
				await eventually(async () => {
					const { areas } = (await statsOf(server)).policies;
					expect(areas.hits - before.hits).toBe(5);
				});
			}
			const stats = await statsOf(other);
			expect(stats.instances.map(({ pid }: { pid: number }) => pid).toSorted()).toEqual(
				[one.process.pid, other.process.pid].toSorted(),
			);
			expect(stats.instances[0]).toMatchObject({
				asked: true,
				pid: other.process.pid,
				store: { connected: true, breaker_open: false },
				data_version: expect.any(Number),
			});
			expect(stats.store).toMatchObject({
				reachable: true,
				used_bytes: expect.any(Number),
				evictions: 0,
				p50_ms: expect.any(Number),
				p99_ms: expect.any(Number),
			});
			expect(stats.policies.areas.hit_ratio.since_start).toBeGreaterThan(0);
			// One that was taken a moment ago is given again for ten seconds.
			await eventually(async () => {
				const { census, policies } = await statsOf(other);
				expect(census.complete).toBe(true);
				expect(policies.areas.entries).toBeGreaterThanOrEqual(1);
				expect(policies.areas.bytes).toBeGreaterThan(0);
			}, 15_000);
		},
		TEST_WITHIN_MS,
	);

	test(
		"are told within 2 s while Redis is frozen, with what is known without it",
		async () => {
			const [one] = await startTwo();
			await one.get("/api/areas/buy");
			ground.redis.freeze();
			try {
				// While it is not yet known that there is no answer to be had, and afterwards.
				for (let round = 0; round < 3; round += 1) {
					const begun = performance.now();
					const response = await ask(one, "cache/stats");
					const stats = await bodyOf(response);
					expect(performance.now() - begun).toBeLessThan(2_000);
					expect(response.status).toBe(200);
					expect(stats.store).toMatchObject({ reachable: false, used_bytes: null, max_bytes: null });
					expect(stats.instances[0].pid).toBe(one.process.pid);
					expect(stats.policies.areas.hits).toEqual(expect.any(Number));
				}
				const listed = await ask(one, "cache/entries");
				expect(listed.status).toBe(503);
				expect((await bodyOf(listed)).detail).toContain("store of the cache does not answer");
				await eventually(async () => (await statsOf(one)).instances[0].store.breaker_open);
			} finally {
				ground.redis.thaw();
			}
			await eventually(async () => (await statsOf(one)).store.reachable, 10_000);
		},
		TEST_WITHIN_MS,
	);
});

describe("what is purged through one instance", () => {
	test(
		"is a miss at the other, also where it was in that one's memory",
		async () => {
			const [one, other] = await startTwo();
			for (const body of [
				{ tags: [`area:${ground.market.areaIds.businessBay}`] },
				{ prefix: "valuation:" },
				{ policy: "valuation" },
				{ everything: true },
			]) {
				await eventually(() => isHit(other));
				// From here on it is in the other's memory.
				const memory = (await statsOf(other)).policies.valuation.hits_by_tier.memory ?? 0;
				await eventually(async () => {
					expect(await isHit(other)).toBe(true);
					const { hits_by_tier } = (await statsOf(other)).policies.valuation;
					expect(hits_by_tier.memory ?? 0).toBeGreaterThan(memory);
				});
				expect((await tell(one, "cache/purge", body)).status).toBe(200);
				expect(await isHit(other)).toBe(false);
				const [last] = (await bodyOf(ask(other, "audit?limit=1"))).events;
				expect(last).toMatchObject({ action: "cache.purge", subject: body, outcome: "done" });
			}
		},
		TEST_WITHIN_MS,
	);

	test(
		"is pending while Redis is frozen, which the answer and the audit say, and done when that is back",
		async () => {
			const [one, other] = await startTwo();
			await eventually(() => isHit(other));
			ground.redis.freeze();
			try {
				const response = await tell(one, "cache/purge", { policy: "valuation" });
				expect(response.status).toBe(503);
				expect(await bodyOf(response)).toMatchObject({ pending: 1 });
				const [last] = (await bodyOf(ask(one, "audit?limit=1"))).events;
				expect(last).toMatchObject({ outcome: "pending", affected: { pending: 1 } });
			} finally {
				ground.redis.thaw();
			}
			// It is made good before the one reads the store again; being explained fills nothing anew.
			await eventually(async () => {
				expect((await stateAt(one)).reached).toBe(true);
				expect((await stateAt(other)).state).not.toBe("fresh");
			}, 10_000);
		},
		TEST_WITHIN_MS,
	);
});

async function isHit(server: Server): Promise<boolean> {
	return /;\s*hit/.test(await cacheStatus(server));
}

test(
	"warming answers how many answers were made, and that is written down",
	async () => {
		const server = await ground.start();
		await eventually(async () => (await server.ready()).code === 200, 20_000);
		const body = await bodyOf(tell(server, "cache/warm", { valuations: 0 }));
		expect(body).toMatchObject({ success: true, finished: true, warmed: { warmed: 6, failed: 0 } });
		const [last] = (await bodyOf(ask(server, "audit?limit=1"))).events;
		expect(last).toMatchObject({
			action: "cache.warm",
			subject: { valuations: 0 },
			affected: body.warmed,
			outcome: "done",
		});
	},
	TEST_WITHIN_MS,
);
