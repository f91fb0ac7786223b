import { afterEach, describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { failureCause } from "../../src/cache/failure.ts";
import { connectRedis } from "../../src/cache/redis.ts";
import type { CacheStore } from "../../src/cache/store.ts";
import { createRedisStore } from "../../src/cache/stores/redis.ts";
import { compareMarks } from "../../src/cache/tags.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { eventually } from "./support/eventually.ts";
import { freePort } from "./support/ports.ts";
import { createTestRedis, type TestRedis, type TestRedisOptions } from "./support/redis.ts";

type Coordinated = CacheStore & Required<Pick<CacheStore, "coordination">>;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

describe("38: a reply that is an error rejects, and its cause is named:", () => {
	test("38: out of memory, while reads go on", async () => {
		const { store, client } = await server();
		await store.set("k", bytes("kept"), 60_000);
		const { coordination } = store;
		await coordination.acquire("filling", "token", 60_000);
		const held = { token: "token", generations: {} };
		await client.config("SET", "maxmemory", "1");

		expect(await causeOf(store.set("k", bytes("new"), 60_000))).toBe("out-of-memory");
		expect(await causeOf(coordination.acquire("k", "token", 1_000))).toBe("out-of-memory");
		expect(await causeOf(coordination.generations(["new"]))).toBe("out-of-memory");
		expect(await causeOf(coordination.commit("filling", bytes("x"), 60_000, held))).toBe("out-of-memory");
		expect(await textAt(store, "k")).toBe("kept");
		expect(await coordination.evict("k")).toBe(true);

		await client.config("SET", "maxmemory", "0");
		expect(await coordination.commit("filling", bytes("x"), 60_000, held)).toBe("stored");
	});

	test("38: read only, as on a server that has become a replica", async () => {
		const { store, client } = await server();
		await store.set("k", bytes("kept"), 60_000);
		await store.coordination.acquire("filling", "token", 60_000);
		await client.replicaof("127.0.0.1", await freePort());

		expect(await causeOf(store.set("k", bytes("new"), 60_000))).toBe("read-only");
		expect(await causeOf(store.delete("k"))).toBe("read-only");
		for (const call of writes(store)) expect(await causeOf(call)).toBe("read-only");
		expect(await textAt(store, "k")).toBe("kept");
	});

	test("38: loading its data", async () => {
		// Half a millisecond for each key makes the load last; the second option lets commands in meanwhile.
		const args = ["--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024"];
		const { redis, client } = await server({ args });
		await client.eval("for i = 1, 2500 do redis.call('SET', 'k:' .. i, string.rep('x', 20)) end", 0);
		await client.save();
		client.disconnect();
		await redis.kill();
		await redis.start();
		const store = await storeOver(
			new Redis(redis.port, { enableReadyCheck: false, retryStrategy: () => null }),
		);

		expect(await causeOf(store.get("k:1"))).toBe("loading");
		expect(await causeOf(store.set("k:1", bytes("x"), 60_000))).toBe("loading");
		expect(await causeOf(store.coordination.generations(["tag"]))).toBe("loading");
		for (const call of writes(store)) expect(await causeOf(call)).toBe("loading");
		await eventually(async () => expect(await textAt(store, "k:1")).toBeDefined());
		for (const call of writes(store)) await call;
	});

	test("38: not authenticated, once the password was changed", async () => {
		const { store, redis, client } = await server();
		await store.set("k", bytes("kept"), 60_000);
		const admin = new Redis(redis.port);
		cleanUps.push(() => admin.disconnect());
		await admin.config("SET", "requirepass", "changed");
		expect(await textAt(store, "k")).toBe("kept");
		await admin.call("CLIENT", "KILL", "TYPE", "NORMAL", "SKIPME", "yes");

		await eventually(async () => expect(await causeOf(store.get("k"))).toBe("no-auth"));
		expect(await causeOf(store.set("k", bytes("new"), 60_000))).toBe("no-auth");
		for (const call of writes(store)) expect(await causeOf(call)).toBe("no-auth");

		await admin.config("SET", "requirepass", "");
		await eventually(async () => expect(await textAt(store, "k")).toBe("kept"));
		expect(client.status).toBe("ready");
	});

	test("38: no permission for a command", async () => {
		const { store, redis } = await server();
		const admin = new Redis(redis.port);
		cleanUps.push(() => admin.disconnect());
		await admin.acl("SETUSER", "default", "-mget", "-set");
		expect(await causeOf(store.get("k"))).toBe("no-auth");
		expect(await causeOf(store.set("k", bytes("x"), 60_000))).toBe("no-auth");
	});

	test("38: something of another type under the key, which is then made room for", async () => {
		const { store, client } = await server();
		const { coordination } = store;
		await client.lpush("k", "one", "two");
		expect(await store.get("k")).toBeUndefined();
		expect(await causeOf(coordination.acquire("k", "token", 1_000))).toBe("wrong-type");
		expect((await coordination.acquire("k", "token", 60_000)).state).toBe("won");
		await coordination.commit("k", bytes("mended"), 60_000, { token: "token", generations: {} });
		expect(await textAt(store, "k")).toBe("mended");
	});

	test("38: something of another type in the place of a tag's mark, until it is purged", async () => {
		const { store, client } = await server();
		const { coordination } = store;
		await client.lpush("tag:users", "one");
		expect(await causeOf(coordination.generations(["users"]))).toBe("wrong-type");
		expect(await causeOf(coordination.invalidate(["users"], "expire"))).toBe("wrong-type");
		await coordination.invalidate(["users"], "purge");
		expect((await coordination.generations(["users"])).length).toBe(1);
	});

	test("38: nobody there", async () => {
		const { store, redis } = await server();
		await redis.kill();
		await eventually(async () => expect(await causeOf(store.get("k"))).toBe("connection"));
		for (const call of writes(store)) expect(await causeOf(call)).toBe("connection");
	});
});

describe("a server that drops what was used least", () => {
	test("41: may drop marks, but a purged entry is never taken for current", async () => {
		const { store, client } = await server({
			args: ["--maxmemory", "4mb", "--maxmemory-policy", "allkeys-lru"],
		});
		const { coordination } = store;
		const tags = Array.from({ length: 50 }, (_, index) => `tag-${index}`);
		const captured = await coordination.generations(tags);
		await coordination.invalidate(tags, "purge");
		const purged = await coordination.generations(tags);

		const large = "x".repeat(20_000);
		for (let round = 0; round < 20; round += 1) {
			await Promise.all(
				Array.from({ length: 20 }, (_, index) => store.set(`k:${round}:${index}`, bytes(large), 60_000)),
			);
		}
		const left = await client.exists(tags.map((tag) => `tag:${tag}`));
		expect(left).toBeLessThan(tags.length);

		const current = await coordination.generations(tags);
		const verdicts = tags.map((_, index) => compareMarks(captured[index], current[index] as string));
		expect(new Set(verdicts)).toEqual(new Set(["purged"]));
		const afterPurge = tags.map((_, index) => compareMarks(purged[index], current[index] as string));
		// Making the lost ones anew may cost one or two of those that were left.
		expect(afterPurge.filter((verdict) => verdict === "same").length).toBeLessThanOrEqual(left);
		expect(afterPurge).not.toContain("expired");
	});
});

async function server(options: TestRedisOptions = {}) {
	const redis: TestRedis = await createTestRedis(options);
	cleanUps.push(() => redis.stop());
	const client = connectRedis({ host: "127.0.0.1", port: redis.port, password: redis.password });
	await eventually(() => client.status === "ready");
	return { redis, client, store: await storeOver(client) };
}

async function storeOver(client: Redis): Promise<Coordinated> {
	cleanUps.push(() => client.disconnect());
	client.on("error", () => {});
	return createRedisStore({ client }) as Coordinated;
}

/** Every call of the capability that changes something. `filling` is held with `token`, where that is possible. */
function* writes({ coordination }: Coordinated): Generator<Promise<unknown>> {
	yield coordination.invalidate(["tag"], "purge");
	yield coordination.invalidate(["tag"], "expire");
	yield coordination.acquire("other", "token", 1_000);
	yield coordination.release("filling", "token", { status: 500, failures: 1, retryInMs: 100 });
	yield coordination.evict("k");
}

async function causeOf(call: unknown): Promise<string> {
	return Promise.resolve(call).then(
		() => "none, it succeeded",
		(error: unknown) => failureCause(error),
	);
}
