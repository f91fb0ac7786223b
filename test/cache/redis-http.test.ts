import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { failureCause } from "../../src/cache/failure.ts";
import { connectRedis } from "../../src/cache/redis.ts";
import { createRedisStore } from "../../src/cache/stores/redis.ts";
import { createRedisHttpStore } from "../../src/cache/stores/redis-http.ts";
import { storeConformance } from "./conformance.ts";
import { bytes } from "./store-under-test.ts";
import { eventually } from "./support/eventually.ts";
import { freePort } from "./support/ports.ts";
import { createTestRedis, type TestRedis } from "./support/redis.ts";
import { type RedisHttpFront, startRedisHttp } from "./support/redis-http.ts";

let redis: TestRedis;
let front: RedisHttpFront;
beforeAll(async () => {
	redis = await createTestRedis();
	front = await startRedisHttp(redis);
});
afterAll(async () => {
	await front.close();
	await redis.stop();
});

storeConformance("redis over HTTP", async () => ({
	store: createRedisHttpStore(front),
	pass: (ms) => Bun.sleep(ms),
}));

/** The origin's store, over a connection of its own. */
async function atOrigin() {
	const client = connectRedis({ host: "127.0.0.1", port: redis.port });
	await eventually(() => client.status === "ready");
	return { store: createRedisStore({ client }), close: () => client.disconnect() };
}

async function failureOf(work: unknown): Promise<string> {
	try {
		await work;
		return "none";
	} catch (error) {
		return failureCause(error);
	}
}

describe("redis over HTTP", () => {
	test("asks for an entry and the marks of its tags in one request", async () => {
		const store = createRedisHttpStore(front);
		await store.coordination?.generations(["a", "b"]);
		const before = front.asked;
		await store.coordination?.readTogether?.(["k:1"], ["a", "b"]);
		expect(front.asked - before).toBe(1);
	});

	test("shares entries and marks with the origin, and refuses what the origin purged meanwhile", async () => {
		const origin = await atOrigin();
		try {
			const edge = createRedisHttpStore(front);
			const marks = await edge.coordination?.generations(["shared"]);
			const held = { token: "edge", generations: { shared: marks?.[0] ?? "" } };
			const binary = new Uint8Array([0, 255, 128, 10, 195]);
			await edge.coordination?.acquire("t:both", "edge", 5_000);
			expect(await edge.coordination?.commit("t:both", binary, 60_000, held)).toBe("stored");
			expect(new Uint8Array((await origin.store.get("t:both"))?.value ?? [])).toEqual(binary);

			await origin.store.coordination?.invalidate(["shared"], "purge");
			expect(await edge.coordination?.generations(["shared"])).not.toEqual(marks);
			await edge.coordination?.acquire("t:both", "edge", 5_000);
			expect(await edge.coordination?.commit("t:both", binary, 60_000, held)).toBe("invalidated");
		} finally {
			origin.close();
		}
	});

	test("goes on when the server has forgotten its scripts", async () => {
		const store = createRedisHttpStore(front);
		const client = connectRedis({ host: "127.0.0.1", port: redis.port });
		await eventually(() => client.status === "ready");
		await store.coordination?.acquire("t:scripts", "one", 5_000);
		await client.script("FLUSH");
		client.disconnect();
		expect(await store.coordination?.acquire("t:scripts", "two", 5_000)).toMatchObject({ state: "held" });
	});

	test("tells a wrong token, a front that is away and one that is silent apart", async () => {
		const { url } = front;
		const wrong = createRedisHttpStore({ url, token: "another" });
		expect(await failureOf(wrong.get("k"))).toBe("no-auth");
		const away = createRedisHttpStore({ url: `http://127.0.0.1:${await freePort()}`, token: "any" });
		expect(await failureOf(away.set("k", bytes("v"), 1_000))).toBe("connection");
		redis.freeze();
		try {
			const silent = createRedisHttpStore({ ...front, timeoutMs: 50 });
			expect(await failureOf(silent.get("k"))).toBe("timeout");
		} finally {
			redis.thaw();
		}
	});
});
