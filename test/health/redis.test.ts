import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { createTestRedis, type TestRedis } from "../cache/support/redis.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let redis: TestRedis;
beforeAll(async () => {
	[database, redis] = await Promise.all([createTestDatabase(), createTestRedis()]);
});
const running = new Set<Bun.Subprocess>();
afterEach(async () => {
	for (const child of running) child.kill("SIGKILL");
	await Promise.all([...running].map((child) => child.exited));
	running.clear();
});
afterAll(async () => {
	await Promise.all([database.drop(), redis.stop()]);
});

async function startServer() {
	const port = await freePort();
	const child = Bun.spawn([process.execPath, "--no-env-file", "src/server.ts"], {
		env: {
			PATH: Bun.env["PATH"],
			DATABASE_URL: database.url,
			JWT_SECRET: "a-secret-of-the-tests-0123456789-abcdef",
			HOST: "127.0.0.1",
			PORT: String(port),
			REDIS_ENABLED: "true",
			REDIS_PORT: String(redis.port),
		},
		stdout: "ignore",
		stderr: "inherit",
	});
	running.add(child);
	return async () => {
		const response = await fetch(`http://127.0.0.1:${port}/readyz`);
		const { status, checks } = (await response.json()) as { status: string; checks: { cache: object } };
		return { code: response.status, status, cache: checks.cache };
	};
}

const DEGRADED = { status: "degraded", store: "tiered", reason: expect.any(String) };

test("a server says that Redis is away, frozen or back, and is ready all the time", async () => {
	const probe = await startServer();
	const becomes = (cache: object, status: string) =>
		eventually(async () => expect(await probe()).toEqual({ code: 200, status, cache }), 15_000);
	await becomes({ status: "ok", store: "tiered" }, "ready");
	await redis.kill();
	await becomes(DEGRADED, "degraded");
	await redis.start();
	await becomes({ status: "ok", store: "tiered" }, "ready");
	redis.freeze();
	try {
		await becomes(DEGRADED, "degraded");
	} finally {
		redis.thaw();
	}
	await becomes({ status: "ok", store: "tiered" }, "ready");
}, 60_000);

test("a server that starts without Redis becomes ready", async () => {
	await redis.kill();
	const probe = await startServer();
	await eventually(async () => expect(await probe()).toMatchObject({ code: 200, cache: DEGRADED }), 15_000);
	await redis.start();
}, 30_000);
