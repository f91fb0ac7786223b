import { expect, test } from "bun:test";
import { mixOrder } from "../../bench/market/mix-order.ts";
import { openRedisBackend } from "../../src/cache/redis.ts";
import { SEARCH_TYPES } from "../../src/lib/search-type.ts";
import { eventually } from "../cache/support/eventually.ts";
import { type Server, useServers } from "../support/servers.ts";

const ground = useServers();

/** Many flats that differ in what their value depends on. */
const SUBJECTS = Array.from({ length: 20_000 }, (_, index) => ({
	property_type: "Flat",
	area: "Business Bay",
	size_sqm: 60 + (index % 2_500) / 100,
	bedrooms: 1 + (Math.floor(index / 2_500) % 2),
	...(index % 3 > 0 && { development_status: index % 3 === 1 ? "Ready" : "Off-Plan" }),
	...(index >= 10_000 && { view_type: `view ${Math.floor(index / 5_000)}` }),
}));
const LISTS = ["areas", "property-types"].flatMap((list) => SEARCH_TYPES.map((of) => `/api/${list}/${of}`));
/** The benchmark's mix: of ten requests one list of areas, one of types, and eight valuations by Zipf's law. */
const ORDER = mixOrder({ areas: 3, types: 3, valuations: SUBJECTS.length }, 120_000, 7);
/** What was asked in the hours before, in numbers; the first requests after the start are others. */
const BEFORE = ORDER.slice(0, 100_000);
const AFTER = ORDER.slice(100_000);

function ask(server: Server, index: number): Promise<Response> {
	const path = LISTS[index];
	return path === undefined ? server.value(SUBJECTS[index - LISTS.length]) : server.get(path);
}

/** Share of hits among the answers of two servers, which are asked in turns by a few callers each. */
async function hitRatio(servers: readonly Server[], order: readonly number[]): Promise<number> {
	let [next, hits] = [0, 0];
	const caller = async () => {
		for (let mine = next++; mine < order.length; mine = next++) {
			const response = await ask(servers[mine % servers.length] as Server, order[mine] ?? 0);
			await response.arrayBuffer();
			expect(response.status).toBe(200);
			if (response.headers.get("Cache-Status")?.includes(";hit")) hits += 1;
		}
	};
	await Promise.all(Array.from({ length: 4 }, caller));
	return hits / order.length;
}

function redisAddress() {
	const { port, password } = ground.redis;
	return { redis: { host: "127.0.0.1", port, password }, memoryBytes: 0, clock: Date.now, deadlineMs: 1_000 };
}

test("two cold servers that have warmed answer the first thousand requests of the mix with 80 % hits, and go on so", async () => {
	const counts = new Map<string, number>();
	for (const index of BEFORE) {
		if (index < LISTS.length) continue;
		const body = JSON.stringify(SUBJECTS[index - LISTS.length]);
		counts.set(body, (counts.get(body) ?? 0) + 1);
	}
	const backend = openRedisBackend(redisAddress());
	await eventually(() => backend.connected);
	await backend.counter("valuations").add(counts);
	await backend.close();

	const servers = await Promise.all([ground.start(), ground.start()]);
	for (const server of servers) {
		// A slow machine is ready after a minute without being done.
		const warming = async () => (await server.ready()).checks["warming"];
		await eventually(async () => (await warming())?.["status"] === "done", 110_000);
		expect((await server.ready()).code).toBe(200);
		expect(await warming()).toMatchObject({ status: "done", failed: 0, warmed: 3_000 + LISTS.length });
	}
	expect(await hitRatio(servers, AFTER.slice(0, 1_000))).toBeGreaterThanOrEqual(0.8);
	expect(await hitRatio(servers, AFTER.slice(1_000, 5_000))).toBeGreaterThanOrEqual(0.8);
}, 180_000);

test("what callers ask for is counted by all servers together, and survives them", async () => {
	const [wanted, rare] = [SUBJECTS[19_999], SUBJECTS[19_998]];
	const env = { CACHE_WARM_VALUATIONS: "1" };
	const servers = await Promise.all([ground.start(env), ground.start(env)]);
	const backend = openRedisBackend(redisAddress());
	await eventually(() => backend.connected);
	await backend.counter("valuations").add(new Map([[JSON.stringify(rare), 500_000]]));
	for (const server of servers)
		for (let time = 0; time < 5; time += 1) expect((await server.value(wanted)).status).toBe(200);
	for (const server of servers) server.process.kill("SIGTERM");
	await Promise.all(servers.map((server) => server.process.exited));
	const top = await backend.counter("valuations").top(5_000);
	await backend.close();
	expect(top[0]).toBe(JSON.stringify(rare));
	expect(top.map((body) => JSON.parse(body))).toContainEqual(wanted);
}, 30_000);

test("without Redis a server warms its lists for itself; where nothing is kept it warms nothing", async () => {
	const [alone, keepsNothing] = await Promise.all([
		ground.start({ REDIS_ENABLED: "false", CACHE_MEMORY_MB: "16" }),
		ground.start({ REDIS_ENABLED: "false", CACHE_MEMORY_MB: "0" }),
	]);
	await eventually(async () => (await alone.ready()).code === 200, 20_000);
	expect((await alone.ready()).checks["warming"]).toMatchObject({ status: "done", warmed: LISTS.length });
	expect((await alone.get(LISTS[0] ?? "")).headers.get("Cache-Status")).toContain(";hit");
	expect((await keepsNothing.ready()).checks["warming"]).toBeUndefined();
});

test("a Redis that is frozen does not keep a server from becoming ready", async () => {
	ground.redis.freeze();
	try {
		const server = await ground.start({ CACHE_STORE_DEADLINE_MS: "50" });
		await eventually(async () => (await server.ready()).code === 200, 15_000);
		expect((await server.ready()).checks["cache"]).toMatchObject({ status: "degraded" });
	} finally {
		ground.redis.thaw();
	}
}, 30_000);
