import { expect, test } from "bun:test";
import { eventually } from "../cache/support/eventually.ts";
import { useServers } from "../support/servers.ts";

const ground = useServers();

async function startServer() {
	const { url } = await ground.start({ CACHE_STORE_DEADLINE_MS: undefined });
	return async () => {
		const response = await fetch(`${url}/readyz`);
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
	await ground.redis.kill();
	await becomes(DEGRADED, "degraded");
	await ground.redis.start();
	await becomes({ status: "ok", store: "tiered" }, "ready");
	ground.redis.freeze();
	try {
		await becomes(DEGRADED, "degraded");
	} finally {
		ground.redis.thaw();
	}
	await becomes({ status: "ok", store: "tiered" }, "ready");
}, 60_000);

test("a server that starts without Redis becomes ready", async () => {
	await ground.redis.kill();
	const probe = await startServer();
	await eventually(async () => expect(await probe()).toMatchObject({ code: 200, cache: DEGRADED }), 15_000);
	await ground.redis.start();
}, 30_000);
