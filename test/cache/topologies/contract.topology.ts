import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import {
	type Instance,
	type InstanceSettings,
	type Origin,
	startInstances,
	startOrigin,
} from "../processes/cluster.ts";
import { cleaner } from "../support/cleaner.ts";
import { eventually } from "../support/eventually.ts";
import type { TestRedis } from "../support/redis.ts";
import { clusterTopology, sentinelTopology, type Topology, using } from "./topology.ts";

const START_WITHIN_MS = 120_000;
/** For what is not about a slow store. */
const PATIENT_MS = 2_000;
const BUDGET_MS = 50;
/** What this machine may add of its own, as it does other things besides. */
const MACHINE_MS = 450;
/** Shorter than any of them takes a server for dead. */
const FROZEN_MS = 500;

for (const [kind, make] of [
	["Sentinel", sentinelTopology],
	["Cluster", clusterTopology],
] as const) {
	describe(`several processes on ${kind}`, () => {
		let topology: Topology;
		const cleanUp = cleaner();
		beforeAll(async () => {
			topology = await make();
		}, START_WITHIN_MS);
		afterEach(() => cleanUp.run());
		afterAll(() => topology?.stop());

		async function start(
			count: number,
			settings: Partial<InstanceSettings> = {},
		): Promise<[Instance[], Origin]> {
			const origin = startOrigin();
			cleanUp.later(() => origin.stop());
			const instances = await startInstances(count, {
				redis: topology.address,
				origin: origin.url,
				memoryBytes: 1024 * 1024,
				deadlineMs: PATIENT_MS,
				policy: { ttl: 600 },
				...settings,
			});
			cleanUp.later(...instances.map((instance) => () => instance.kill()));
			return [instances, origin];
		}

		/** So many that have the first answer: in memory, unless they keep nothing there. */
		async function startWith(id: string, count: number, settings: Partial<InstanceSettings> = {}) {
			const [instances, origin] = await start(count, settings);
			origin.answers((asked, run) => new Response(`${asked} run ${run}`));
			for (const instance of instances) await untilHit(instance, id);
			const [one, two] = instances as [Instance, Instance];
			return { one, two, origin };
		}

		/** The entry's key, and who has it. */
		async function entryOf(id: string): Promise<{ key: string; server: TestRedis }> {
			for (const server of topology.servers) {
				const keys = await using(server.port, (client) => client.keys("things:*"));
				for (const key of keys) {
					const primary = await topology.primaryOf(key);
					const text = await using(primary.port, (client) => client.getrange(key, 0, 4_000));
					if (text.includes(`${id} run `)) return { key, server: primary };
				}
			}
			throw new Error(`nothing is stored of ${id}`);
		}

		test("24: three with 70 who ask at once run the handler once", async () => {
			const [instances, origin] = await start(3, { memoryBytes: 0 });
			const texts = await Promise.all(askAll(instances, 70, "cold"));
			expect(new Set(texts)).toEqual(new Set(["cold run 1"]));
			expect(origin.runs("cold")).toBe(1);
		});

		test("25: when the one that fills is killed, the others go on when its lease is over", async () => {
			const [[first, ...others], origin] = await start(3, {
				memoryBytes: 0,
				policy: { ttl: 60, timeout: 1, lease: 1 },
			});
			const asked = Promise.withResolvers<void>();
			origin.answers((id, run) => {
				if (run > 1) return new Response(`${id} run ${run}`);
				asked.resolve();
				return new Promise<Response>(() => {});
			});
			const lost = first?.get("left").catch(() => "lost");
			await asked.promise;
			const waiting = askAll(others, 10, "left");
			await first?.kill();
			const begun = performance.now();
			expect(new Set(await Promise.all(waiting))).toEqual(new Set(["left run 2"]));
			expect(performance.now() - begun).toBeLessThan(2_500);
			expect(origin.runs("left")).toBe(2);
			expect(await lost).toBe("lost");
		});

		test("36: while a primary is frozen every answer comes within the budget, and hits again after", async () => {
			const { one } = await startWith("frozen", 1, { memoryBytes: 0, deadlineMs: BUDGET_MS });
			const { server } = await entryOf("frozen");
			server.freeze();
			cleanUp.later(async () => server.thaw());
			const times: number[] = [];
			for (const begun = performance.now(); performance.now() - begun < FROZEN_MS; ) {
				const askedAt = performance.now();
				expect((await one.get("frozen")).status).toBe(200);
				times.push(performance.now() - askedAt);
			}
			server.thaw();
			// So many could not be asked in that time if each waited for the budget.
			expect(times.length).toBeGreaterThan(FROZEN_MS / BUDGET_MS);
			expect(Math.max(...times)).toBeLessThan(BUDGET_MS + MACHINE_MS);
			await untilHit(one, "frozen");
		});

		test("38: something of another type in the entry's place is a miss, and made room for", async () => {
			const { one, origin } = await startWith("typed", 1, { memoryBytes: 0 });
			const { key, server } = await entryOf("typed");
			await using(server.port, (client) => client.multi().del(key).lpush(key, "x").exec());
			expect((await one.get("typed")).status).toBe(200);
			await untilHit(one, "typed");
			expect(origin.runs("typed")).toBeWithin(2, 4);
		});

		test("38: full servers that drop nothing cost no answer, and store again once there is room", async () => {
			const { one } = await startWith("before", 1, { memoryBytes: 0 });
			const room = (maxmemory: string, policy: string) =>
				Promise.all(
					topology.servers.map(({ port }) =>
						using(port, async (client) => {
							await client.config("SET", "maxmemory-policy", policy);
							await client.config("SET", "maxmemory", maxmemory);
						}),
					),
				);
			cleanUp.later(() => room("1gb", "allkeys-lru"));
			await room("1", "noeviction");
			expect(await textOf(one, "before")).toBe("before run 1");
			for (const run of [1, 2]) expect(await textOf(one, "full")).toBe(`full run ${run}`);
			await room("1gb", "allkeys-lru");
			await untilHit(one, "full");
		});

		test("41: an entry whose marks are gone is a miss", async () => {
			const { one } = await startWith("marked", 1, { memoryBytes: 0 });
			const tag = "tag:thing:marked";
			await using((await topology.primaryOf(tag)).port, async (client) => {
				expect(await client.del(tag)).toBe(1);
			});
			expect(await textOf(one, "marked")).toBe("marked run 2");
		});

		test.each([
			["tag", { tags: ["thing:one-tag"] }],
			["prefix", { prefix: "things:" }],
			["everything", { everything: true }],
		] as const)("42: a purge by %s at one stops the other's memory within 100 ms", async (by, what) => {
			const id = `one-${by}`;
			const { one, two } = await startWith(id, 2);
			const before = await textOf(two, id);
			expect((await one.purge(what)).status).toBe(200);
			await Bun.sleep(100);
			expect(await textOf(two, id)).not.toBe(before);
		});

		test("43: what was purged while the bus was cut is not served after it is back", async () => {
			const { one, two } = await startWith("cut", 2);
			await Promise.all(
				topology.servers.map(({ port }) =>
					using(port, (client) => client.call("CLIENT", "KILL", "TYPE", "pubsub")),
				),
			);
			await eventually(async () => (await one.purge({ tags: ["thing:cut"] })).status === 200);
			await eventually(async () => expect((await two.state()).connected).toBe(true), 20_000);
			expect(await textOf(two, "cut")).not.toBe("cut run 1");
		});

		test("43: a purge while its primary is frozen says that it waits, and is made before anything is read again", async () => {
			const { one } = await startWith("waits", 1, { deadlineMs: 200 });
			const server = await topology.primaryOf("tag:thing:waits");
			server.freeze();
			cleanUp.later(async () => server.thaw());
			const refused = await one.purge({ tags: ["thing:waits"] });
			server.thaw();
			expect(refused.status).toBe(503);
			for (let round = 0; round < 20; round += 1) {
				expect(await textOf(one, "waits")).not.toBe("waits run 1");
			}
			await untilHit(one, "waits");
		});
	});
}

function askAll(instances: readonly Instance[], timesEach: number, id: string): Promise<string>[] {
	return instances.flatMap((instance) => Array.from({ length: timesEach }, () => textOf(instance, id)));
}

async function textOf(instance: Instance, id: string): Promise<string> {
	return (await instance.get(id)).text();
}

function untilHit(instance: Instance, id: string): Promise<void> {
	return eventually(async () => {
		const response = await instance.get(id);
		await response.text();
		return response.headers.get("Cache-Status")?.includes(";hit") === true;
	}, 20_000);
}
