import { afterEach, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { cleaner } from "../support/cleaner.ts";
import { createTestRedis } from "../support/redis.ts";
import { type Instance, type InstanceSettings, type Origin, startInstances, startOrigin } from "./cluster.ts";

const cleanUp = cleaner();
afterEach(() => cleanUp.run());

async function start(
	count: number,
	settings: Partial<InstanceSettings> = {},
): Promise<[Instance[], Origin, Redis]> {
	const redis = await createTestRedis();
	const origin = startOrigin();
	const client = new Redis(redis.port, "127.0.0.1");
	cleanUp.later(
		() => redis.stop(),
		() => origin.stop(),
		async () => client.disconnect(),
	);
	const instances = await startInstances(count, {
		redis: { host: "127.0.0.1", port: redis.port },
		origin: origin.url,
		memoryBytes: 0,
		// Of the fill is spoken here, not of a store that is slow because the machine is busy.
		deadlineMs: 5_000,
		policy: { ttl: 60 },
		...settings,
	});
	cleanUp.later(...instances.map((instance) => () => instance.kill()));
	return [instances, origin, client];
}

function askAll(instances: Instance[], timesEach: number, id = "cold"): Promise<Response[]> {
	return Promise.all(
		instances.flatMap((instance) => Array.from({ length: timesEach }, () => instance.get(id))),
	);
}

test("24: three processes with 70 who ask at once run the handler once", async () => {
	const [instances, origin] = await start(3);
	const responses = await askAll(instances, 70);
	expect(new Set(responses.map((response) => response.headers.get("X-Pid"))).size).toBe(3);
	expect(new Set(await Promise.all(responses.map((response) => response.text())))).toEqual(
		new Set(["cold run 1"]),
	);
	expect(origin.runs("cold")).toBe(1);
});

test("24: the same with memory in front of Redis", async () => {
	const [instances, origin] = await start(3, { memoryBytes: 1024 * 1024 });
	await askAll(instances, 70);
	expect(origin.runs("cold")).toBe(1);
	const responses = await askAll(instances, 2);
	expect(responses.every((response) => response.headers.get("Cache-Status")?.includes(";hit"))).toBe(true);
});

test("25: when the process that fills is killed, the others go on when its lease is over", async () => {
	const [[first, ...others], origin, client] = await start(3, { policy: { ttl: 60, timeout: 1, lease: 1 } });
	const asked = Promise.withResolvers<void>();
	origin.answers((id, run) => {
		if (run > 1) return new Response(`${id} run ${run}`);
		asked.resolve();
		return new Promise<Response>(() => {});
	});
	const lost = first?.get("cold").catch(() => "lost");
	await asked.promise;
	const waiting = askAll(others, 10);
	const [, leases] = await client.scan("0", "MATCH", "lease:*", "COUNT", 1000);
	expect(leases).toHaveLength(1);
	await first?.kill();
	const begun = performance.now();
	const texts = await Promise.all((await waiting).map((response) => response.text()));
	expect(performance.now() - begun).toBeLessThan(2_500);
	expect(new Set(texts)).toEqual(new Set(["cold run 2"]));
	expect(origin.runs("cold")).toBe(2);
	expect(await lost).toBe("lost");
});

test("26: a handler that fails is called once, and all who wait fail together in every process", async () => {
	const [instances, origin] = await start(3);
	origin.answers(async () => {
		// So long that those who wait look at the longest intervals, and could miss that it has failed.
		await Bun.sleep(1_000);
		return new Response("no", { status: 503 });
	});
	const begun = performance.now();
	const responses = await askAll(instances, 33);
	expect(origin.runs("cold")).toBe(1);
	expect(new Set(responses.map((response) => response.status))).toEqual(new Set([503]));
	expect(performance.now() - begun).toBeLessThan(3_000);
});

test("26: a key that keeps failing costs all processes together one call a step", async () => {
	const [instances, origin] = await start(2);
	origin.answers(() => new Response("no", { status: 503 }));
	const end = performance.now() + 2_000;
	let refused = 0;
	while (performance.now() < end) {
		for (const response of await askAll(instances, 2)) {
			expect(response.status).toBe(503);
			if (response.headers.has("Retry-After")) refused += 1;
		}
		await Bun.sleep(10);
	}
	// At 0, 0.1, 0.3, 0.7 and 1.5 s.
	expect(origin.runs("cold")).toBeWithin(4, 7);
	expect(refused).toBeGreaterThan(100);
});
