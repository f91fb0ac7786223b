import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { failureCause } from "../../src/cache/failure.ts";
import { connectRedis, openRedisBackend, type RedisAddress } from "../../src/cache/redis.ts";
import type { Coordination, Inspection } from "../../src/cache/store.ts";
import { createRedisStore } from "../../src/cache/stores/redis.ts";
import { storeConformance } from "../cache/conformance.ts";
import { bytes, textAt } from "../cache/store-under-test.ts";
import { cleaner } from "../cache/support/cleaner.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestRedis } from "../cache/support/redis.ts";
import { createTestSentinel } from "../cache/support/redis-sentinel.ts";
import { namesIn } from "../cache/support/walk.ts";

const PASSWORD = "made-up-for-this-test";
const FILES = join(import.meta.dir, "../../deploy/redis");

const cleanUp = cleaner();
afterEach(() => cleanUp.run());

/** A copy of `deploy/redis/users.acl` with a password. */
async function usersFile({ allKeys = false } = {}): Promise<{ path: string; remove(): Promise<void> }> {
	const folder = await mkdtemp(join(tmpdir(), "retyn-users-"));
	const path = join(folder, "users.acl");
	const text = readFileSync(join(FILES, "users.acl"), "utf8").replaceAll("REPLACE_ME", PASSWORD);
	await writeFile(path, allKeys ? text.replace(/(?:~\S+ )+/, "~* ") : text);
	return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A server that was started with this file, and how the service is to reach it. */
async function withUsers(options?: { allKeys: boolean }) {
	const users = await usersFile(options);
	const redis = await createTestRedis({ args: ["--aclfile", users.path] });
	const address: RedisAddress = {
		host: "127.0.0.1",
		port: redis.port,
		username: "retyn",
		password: PASSWORD,
	};
	return { address, stop: () => Promise.all([redis.stop(), users.remove()]) };
}

function open(address: RedisAddress) {
	const backend = openRedisBackend({
		redis: address,
		memoryBytes: 1024 * 1024,
		clock: Date.now,
		deadlineMs: 1_000,
	});
	cleanUp.later(() => backend.close());
	return backend;
}

// The suite has keys of its own.
storeConformance("redis as a user with few rights", async () => {
	const { address, stop } = await withUsers({ allKeys: true });
	const client = connectRedis(address);
	await eventually(() => client.status === "ready");
	return {
		store: createRedisStore({ client, withRemaining: true }),
		pass: (ms) => Bun.sleep(ms),
		loseMark: async (tag) => void (await client.del(`tag:${tag}`)),
		async close() {
			client.disconnect();
			await stop();
		},
	};
});

describe("a user with no more rights than deploy/redis/users.acl gives", () => {
	test("is enough for everything that instances do", async () => {
		const { address, stop } = await withUsers();
		cleanUp.later(stop);
		const [one, two] = [open(address), open(address)];
		await eventually(() => one.bus.connected && two.bus.connected);
		const shared = one.store.coordination as Coordination;
		await eventually(() => one.store.get("areas:ready"));
		for (const key of ["areas:a", "prop_types:a", "valuation:a", "analytics:a"]) {
			const [mark = ""] = await shared.generations(["area:1"]);
			expect((await shared.acquire(key, "token", 1_000)).state).toBe("won");
			const held = { token: "token", generations: { "area:1": mark } };
			expect(await shared.commit(key, bytes("x"), 60_000, held)).toBe("stored");
			expect(await textAt(two.store, key)).toBe("x");
		}
		await shared.acquire("areas:b", "token", 1_000);
		await shared.release("areas:b", "token", { status: 500, failures: 1, retryInMs: 10 });
		await shared.invalidate(["area:1"], "expire");
		await shared.invalidate(["area:1"], "purge");
		await shared.evict("areas:a");
		await eventually(async () => expect(await two.store.get("areas:a")).toBeUndefined());
		expect(await namesIn(one.store.inspection as Inspection, "areas:")).toEqual([]);
		expect((await one.store.inspection?.peek(["valuation:a"], 1))?.[0]?.bytes).toBe(1);
		expect((await one.store.inspection?.usage())?.entries).toBeGreaterThan(0);
		await one.counter("valuations").add(new Map([["v", 1]]));
		expect(await two.counter("valuations").top(1)).toEqual(["v"]);
		expect(await one.allowance("misses", { perMinute: 60 }).take("somebody")).toBe(0);
		await one.store.set("areas:c", bytes("x"), 1_000);
		expect(await one.store.delete("areas:c")).toBe(true);
	});

	test("is not enough for other keys, channels and commands", async () => {
		const { address, stop } = await withUsers();
		cleanUp.later(stop);
		const client = connectRedis(address);
		cleanUp.later(() => client.disconnect());
		await eventually(() => client.status === "ready");
		for (const call of [
			client.get("other:key"),
			client.publish("other", "x"),
			client.flushall(),
			client.keys("*"),
			client.config("GET", "*"),
			client.acl("LIST"),
		]) {
			expect(await call.then(() => "allowed", failureCause)).toBe("no-auth");
		}
	});
});

describe("a server with the users of deploy/redis/users.acl", () => {
	test("does nothing for whoever gives no name and password", async () => {
		const { address, stop } = await withUsers();
		cleanUp.later(stop);
		const client = new Redis({ port: address.port, enableReadyCheck: false });
		client.on("error", () => {});
		cleanUp.later(() => client.disconnect());
		for (const call of [
			client.get("areas:a"),
			client.ping(),
			client.acl("LIST"),
			client.config("GET", "*"),
		]) {
			expect(await call.then(() => "allowed", String)).toContain("NOAUTH");
		}
	});

	test("is copied by its replicas, and another takes over when Sentinels see it die", async () => {
		const users = await usersFile();
		cleanUp.later(users.remove);
		const set = await createTestSentinel({
			replicas: 2,
			sentinels: 3,
			file: join(FILES, "sentinel-node.conf"),
			args: ["--aclfile", users.path, "--masteruser", "retyn-replica", "--masterauth", PASSWORD],
			login: { username: "retyn-sentinel", password: PASSWORD },
			sentinelConfiguration: (port) => ({
				name: "retyn",
				text: `${readFileSync(join(FILES, "sentinel.conf"), "utf8").replace(
					"sentinel monitor retyn retyn-redis-1 6379 2",
					`sentinel monitor retyn 127.0.0.1 ${port} 2`,
				)}\nsentinel auth-user retyn retyn-sentinel\nsentinel auth-pass retyn ${PASSWORD}`,
			}),
		});
		cleanUp.later(set.stop);
		const nodes = set.ports.map((port) => ({ host: "127.0.0.1", port }));
		const backend = open({
			host: "127.0.0.1",
			port: 1,
			sentinel: { nodes, primary: set.name },
			username: "retyn",
			password: PASSWORD,
		});
		await eventually(() => backend.store.set("areas:a", bytes("x"), 60_000), 10_000);
		await set.primary.kill();
		await eventually(() => backend.store.set("areas:b", bytes("y"), 60_000), 20_000);
		// Sentinels have it end connections once more when it has taken over.
		await eventually(async () => expect(await textAt(backend.store, "areas:b")).toBe("y"), 10_000);
	}, 60_000);
});
