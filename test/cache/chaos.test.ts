import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connectRedis } from "../../src/cache/redis.ts";
import type { CacheStore, Coordination } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createRedisStore } from "../../src/cache/stores/redis.ts";
import { tiered } from "../../src/cache/tiers.ts";
import { type ChaoticStore, chaotic } from "./chaos.ts";
import { runChaos } from "./chaos-model.ts";
import { bytes } from "./store-under-test.ts";
import { withLocalCoordination } from "./subjects.ts";
import { eventually } from "./support/eventually.ts";
import { createTestRedis, type TestRedis } from "./support/redis.ts";

const FAULTS = { delayMs: 2, rejectShare: 0.08, hangShare: 0.04 };
const ROUNDS = 25;
/** Fewer pairs of an entry and a removal would not show much. */
const JUDGED = 31;
const SEEDS = [1, 2];

const memory = () => createMemoryStore({ clock: Date.now, maxBytes: 4 * 1024 * 1024 });

describe("35, 41: behind a line that delays, fails and hangs, a call rejects or is right:", () => {
	let redis: TestRedis;
	let client: ReturnType<typeof connectRedis>;
	beforeAll(async () => {
		redis = await createTestRedis();
		client = connectRedis({ host: "127.0.0.1", port: redis.port });
		await eventually(() => client.status === "ready");
	});
	afterAll(async () => {
		client.disconnect();
		await redis.stop();
	});

	const stacks: Record<string, (seed: number) => { store: CacheStore; chaos: ChaoticStore }> = {
		memory: (seed) => same(chaotic(memory(), { ...FAULTS, seed })),
		"four members and what stands in for the capability": (seed) => {
			const chaos = chaotic(memory(), { ...FAULTS, seed });
			return { chaos, store: withLocalCoordination(chaos, Date.now) };
		},
		redis: (seed) => same(chaotic(createRedisStore({ client }), { ...FAULTS, seed })),
		"two tiers, the far one behind the line": (seed) => {
			const chaos = chaotic(memory(), { ...FAULTS, seed });
			return { chaos, store: tiered({ near: memory(), far: chaos, clock: Date.now }) };
		},
	};

	for (const [name, make] of Object.entries(stacks)) {
		for (const seed of SEEDS) {
			test(`35, 41: ${name}, seed ${seed}`, async () => {
				await client.flushdb();
				const report = await runChaos({ ...make(seed), seed, rounds: ROUNDS, judged: JUDGED });
				expect(report.wrong).toEqual([]);
				// Otherwise the run has shown nothing.
				expect(report.rejected).toBeGreaterThan(40);
				expect(report.reads).toBeGreaterThan(100);
				expect(report.stored).toBeGreaterThan(10);
				expect(report.judged).toBeGreaterThanOrEqual(JUDGED);
				expect(report.removals).toBeGreaterThan(20);
			});
		}
	}

	const { coordination, ...members } = memory() as CacheStore & Required<Pick<CacheStore, "coordination">>;
	const broken: Record<string, Partial<Coordination>> = {
		"does not purge": { invalidate: async () => {} },
		"does not evict": { evict: async () => true },
		"stores whoever asks": {
			commit: async (key, value, ttlMs, { token }) => {
				await members.set(key, value, ttlMs);
				await coordination.release(key, token);
				return "stored";
			},
		},
	};
	for (const [name, part] of Object.entries(broken)) {
		test(`a store that ${name} would be found out`, async () => {
			const faulty = { ...members, coordination: { ...coordination, ...part } };
			let found = 0;
			for (let seed = 1; seed <= 10 && found === 0; seed += 1) {
				const chaos = chaotic(faulty, { delayMs: 2, seed });
				found = (await runChaos({ store: chaos, chaos, seed, rounds: 20 })).wrong.length;
			}
			expect(found).toBeGreaterThan(0);
		});
	}
});

describe("the bad line itself", () => {
	test("makes the same faults for the same seed", async () => {
		const fates = async (seed: number) => {
			const store = chaotic(memory(), { seed, rejectShare: 0.5 });
			const calls = Array.from({ length: 64 }, (_, index) => store.set(`k:${index}`, bytes("x"), 1_000));
			return (await Promise.allSettled(calls)).map(({ status }) => status).join();
		};
		expect(await fates(5)).toBe(await fates(5));
		expect(await fates(5)).not.toBe(await fates(6));
	});

	test("holds calls until they are let go, whether they had been carried out or not", async () => {
		const inner = memory();
		const store = chaotic(inner, { seed: 5, hangShare: 1 });
		let ended = 0;
		const calls = Array.from({ length: 64 }, (_, index) =>
			store.set(`k:${index}`, bytes("x"), 1_000).finally(() => {
				ended += 1;
			}),
		);
		const there = async () => {
			const hits = await Promise.all(calls.map((_, index) => inner.get(`k:${index}`)));
			return hits.filter(Boolean).length;
		};
		await Bun.sleep(5);
		expect(ended).toBe(0);
		expect(await there()).toBeWithin(10, 54);
		store.letGo();
		expect((await Promise.allSettled(calls)).every(({ status }) => status === "rejected")).toBe(true);
		expect(await there()).toBe(64);
	});
});

function same(store: ChaoticStore) {
	return { store, chaos: store };
}
