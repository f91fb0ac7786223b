import { afterEach, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { cleaner } from "../support/cleaner.ts";
import { eventually } from "../support/eventually.ts";
import { createTestRedis, type TestRedis } from "../support/redis.ts";
import { type Instance, type Origin, startInstances, startOrigin } from "./cluster.ts";

const cleanUp = cleaner();
afterEach(() => cleanUp.run());

interface Started {
	instances: [Instance, Instance];
	origin: Origin;
	redis: TestRedis;
	client: Redis;
}

/** Two processes with memory in front of one Redis, and answers that are there at once. */
async function start(): Promise<Started> {
	const redis = await createTestRedis();
	const origin = startOrigin();
	const client = new Redis(redis.port, "127.0.0.1", { lazyConnect: true, retryStrategy: () => 50 });
	client.on("error", () => {});
	await client.connect();
	origin.answers((id, run) => new Response(`${id} run ${run}`));
	cleanUp.later(
		() => redis.stop(),
		() => origin.stop(),
		() => client.disconnect(),
	);
	const instances = await startInstances(2, {
		redis: { host: "127.0.0.1", port: redis.port },
		origin: origin.url,
		memoryBytes: 1024 * 1024,
		deadlineMs: 200,
		policy: { ttl: 600 },
	});
	cleanUp.later(...instances.map((instance) => () => instance.kill()));
	const [one, two] = instances;
	if (!one || !two || one.pid === two.pid) throw new Error("there are to be two processes");
	return { instances: [one, two], origin, redis, client };
}

async function textOf(instance: Instance, id = "a"): Promise<string> {
	return (await instance.get(id)).text();
}

/** Both have it in memory. */
async function spread({ instances: [one, two] }: Started, id = "a"): Promise<void> {
	await eventually(async () => {
		for (const instance of [one, two, two]) {
			const response = await instance.get(id);
			expect(await response.text()).toBe(`${id} run 1`);
			if (instance === two) expect(response.headers.get("Cache-Status")).toContain(";hit");
		}
	});
}

test.each([
	["tag", async () => ({ tags: ["thing:a"] })],
	["prefix", async () => ({ prefix: "things:" })],
	["policy", async () => ({ policy: "things" })],
	["everything", async () => ({ everything: true })],
	[
		"key",
		async (client: Redis) => ({ keys: (await client.scan("0", "MATCH", "things:*", "COUNT", 1000))[1] }),
	],
] as const)("42: a purge by %s on one process stops the other's memory within 100 ms", async (_, whatOf) => {
	const started = await start();
	await spread(started);
	const [one, two] = started.instances;
	expect((await one.purge(await whatOf(started.client))).status).toBe(200);
	expect(await textOf(one)).toBe("a run 2");
	await Bun.sleep(100);
	expect(await textOf(two)).toBe("a run 2");
});

test("42: a purge on one process during a fill on the other keeps that fill from being stored", async () => {
	const {
		instances: [one, two],
		origin,
	} = await start();
	const asked = Promise.withResolvers<void>();
	const gate = Promise.withResolvers<void>();
	origin.answers(async (id, run) => {
		if (run > 1) return new Response(`${id} run ${run}`);
		asked.resolve();
		await gate.promise;
		return new Response(`${id} run ${run}`);
	});
	const filling = textOf(two);
	await asked.promise;
	expect((await one.purge({ tags: ["thing:a"] })).status).toBe(200);
	gate.resolve();
	expect(await filling).toBe("a run 1");
	expect(await textOf(one)).toBe("a run 2");
	expect(await textOf(two)).toBe("a run 2");
	expect((await two.state()).counts["refused"]).toBe(1);
});

test("43: what was purged while the bus was cut is not served after it is back", async () => {
	const started = await start();
	await spread(started);
	const [one, two] = started.instances;
	await started.client.call("CLIENT", "KILL", "TYPE", "pubsub");
	expect((await one.purge({ tags: ["thing:a"] })).status).toBe(200);
	await eventually(async () => expect((await two.state()).connected).toBe(true));
	expect(await textOf(two)).toBe("a run 2");
});

test("43: a purge while Redis is frozen says what is pending, and is made before this process reads Redis again", async () => {
	const started = await start();
	await spread(started);
	const [one, two] = started.instances;
	started.redis.freeze();
	const refused = await one.purge({ tags: ["thing:a"] });
	expect(refused.status).toBe(503);
	expect(await refused.json()).toEqual({ pending: 1 });
	started.redis.thaw();
	expect(await textOf(one)).not.toBe("a run 1");
	await eventually(async () => expect(await textOf(two)).not.toBe("a run 1"));
	expect(await textOf(one)).not.toBe("a run 1");
});

test("43: a purge while Redis is dead is made when it is back, although it comes back with what was purged", async () => {
	const started = await start();
	await spread(started);
	const [one, two] = started.instances;
	await started.client.save();
	await started.redis.kill();
	expect((await one.purge({ tags: ["thing:a"] })).status).toBe(503);
	await started.redis.start();
	await eventually(async () => {
		const response = await one.get("a");
		expect(await response.text()).not.toBe("a run 1");
		expect(response.headers.get("Cache-Status")).toContain(";hit");
	});
	await eventually(async () => expect(await textOf(two)).not.toBe("a run 1"));
});
