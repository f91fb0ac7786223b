import { afterAll, beforeAll, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { createTestRedis, type TestRedis } from "../cache/support/redis.ts";
import { interpolate, service } from "./compose-file.ts";

const REDIS_PASSWORD = "made-up for this test";

let server: TestRedis;
let client: Redis;

beforeAll(async () => {
	const [program, ...args] = service("retyn-redis").command ?? [];
	expect(program).toBe("redis-server");
	server = await createTestRedis({ args: args.map((arg) => interpolate(arg, { REDIS_PASSWORD })) });
	client = new Redis({ port: server.port, password: REDIS_PASSWORD });
});

afterAll(async () => {
	client.disconnect();
	await server.stop();
});

test("Redis, started by the command of docker-compose.yml, is a bounded cache that forgets what is least used", async () => {
	expect(await client.config("GET", "maxmemory")).toEqual(["maxmemory", String(256 * 1024 * 1024)]);
	expect(await client.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "allkeys-lru"]);
});

test("Redis is given as much memory as .env says, and its container more", () => {
	const { command = [], mem_limit = "" } = service("retyn-redis");
	const given = command[command.indexOf("--maxmemory") + 1] ?? "";
	const megabytes = (text: string, env: Record<string, string>) =>
		Number.parseInt(interpolate(text, env), 10);
	expect(megabytes(mem_limit, {})).toBeGreaterThanOrEqual(1.5 * megabytes(given, {}));
	expect(interpolate(given, { REDIS_MAXMEMORY: "1gb" })).toBe("1gb");
	expect(interpolate(mem_limit, { REDIS_CONTAINER_MEMORY: "1536m" })).toBe("1536m");
});

test("Redis, started by the command of docker-compose.yml, writes nothing to disk", async () => {
	// What the command says itself: the test server is started with the same, which would hide that it is missing.
	const command = service("retyn-redis").command ?? [];
	expect(command[command.indexOf("--save") + 1]).toBe("");
	expect(command[command.indexOf("--appendonly") + 1]).toBe("no");
});

test("Redis, started by the command of docker-compose.yml, refuses a client without the password", async () => {
	const stranger = new Redis({ port: server.port, lazyConnect: true });
	stranger.on("error", () => {});
	await expect(stranger.get("areas:buy")).rejects.toThrow("NOAUTH");
	stranger.disconnect();
});
