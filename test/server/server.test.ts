import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import type { Redis } from "ioredis";
import { connectRedis } from "../../src/cache/redis.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { createTestApp } from "../support/app.ts";
import { useServers } from "../support/servers.ts";
import { anotherFlat } from "./three-instances.ts";

const ground = useServers();
let client: Redis;
beforeAll(() => {
	const { port, password } = ground.redis;
	client = connectRedis({ host: "127.0.0.1", port, password });
});
afterAll(() => client.disconnect());

/** What nobody has configured. */
const PLAIN = {
	NODE_ENV: undefined,
	REDIS_ENABLED: "false",
	VALUATION_MISSES_PER_MINUTE: undefined,
};
const WITH_REDIS = { ...PLAIN, REDIS_ENABLED: "true" };

/** Sends bytes as they are, and gives back what came until the server closed, or nothing when we hung up first. */
function raw(port: number, bytes: string, { hangUp = false } = {}): Promise<string> {
	return new Promise((resolve, reject) => {
		let answer = "";
		const socket = connect({ port, host: "127.0.0.1" }, () => {
			socket.write(bytes, () => {
				if (hangUp) socket.destroy();
			});
		});
		socket.on("data", (chunk) => {
			answer += chunk.toString();
		});
		socket.once("error", reject);
		socket.once("close", () => resolve(answer));
	});
}

describe("the server", () => {
	test("with Redis says what an operator greps for, in production as JSON", async () => {
		const server = await ground.start({ ...WITH_REDIS, NODE_ENV: "production", CACHE_LOG: "all" });
		await eventually(() => server.output.text.includes("Redis cache connected"));
		// On a busy machine a first write may be given up on and land all the same, so no line tells of it.
		// Lists may be warmed by now, and what is warmed is nobody's miss: so it asks for a value that nobody asked for before, twice.
		let lines: { msg: string }[] = [];
		await eventually(async () => {
			const flat = anotherFlat();
			for (const _ of ["miss", "hit"]) expect((await server.value(flat)).status).toBe(200);
			const complete = server.output.text.slice(0, server.output.text.lastIndexOf("\n"));
			lines = complete.split("\n").map((line) => JSON.parse(line));
			const messages = lines.map(({ msg }) => msg);
			return ["Cache MISS", "Cache STORED", "Cache HIT"].every((line) => messages.includes(line));
		}, 20_000);
		const hit = lines.find((line) => line.msg === "Cache HIT");
		expect(hit).toMatchObject({
			level: "info",
			policy: expect.any(String),
			key: expect.stringMatching(/^\w+:/),
		});
		expect(server.output.text).not.toContain(ground.redis.password as string);
	});

	test("49: logging out at one server is known to another that shares its Redis, and both stop cleanly", async () => {
		const { database } = ground;
		const { signUp } = await createTestApp({ database, clock: createTestClock(Date.now()) });
		const servers = await Promise.all([ground.start(WITH_REDIS), ground.start(WITH_REDIS)]);
		expect(new Set(servers.map((server) => server.process.pid)).size).toBe(2);
		for (const server of servers) {
			await eventually(() => server.output.text.includes("Redis cache connected"));
		}
		const [here, elsewhere] = servers;
		const headers = { Authorization: `Bearer ${await signUp()}` };
		const ask = async (server = elsewhere) =>
			(await fetch(`${server?.url}/api/areas/buy`, { headers })).status;
		// The other one hears nothing before it has subscribed.
		await eventually(async () => {
			const [, subscribers] = (await client.pubsub("NUMSUB", "retyn:bus")) as [string, number];
			return subscribers >= 2;
		});
		await eventually(async () => expect([await ask(here), await ask(elsewhere)]).toEqual([200, 200]));
		const loggedOut = await fetch(`${here?.url}/api/auth/logout`, { method: "POST", headers });
		expect(loggedOut.status).toBe(204);
		await eventually(async () => (await ask(elsewhere)) === 401, 1_000);
		for (const server of servers) {
			server.process.kill("SIGTERM");
			expect(await server.process.exited).toBe(0);
		}
	});

	test("without Redis keeps nothing in production, and answers in memory while developing", async () => {
		const production = await ground.start({ ...PLAIN, NODE_ENV: "production" });
		expect((await production.get("/api/areas/buy")).headers.get("Cache-Status")).toContain("cache-off");
		const development = await ground.start(PLAIN);
		await development.get("/api/areas/buy");
		expect((await development.get("/api/areas/buy")).headers.get("Cache-Status")).toContain(";hit");
	});

	test("answers a body of 10 MB with a problem", async () => {
		const server = await ground.start(PLAIN);
		const response = await server.value({ area: "a".repeat(10_000_000) });
		expect(response.status).toBe(413);
		expect(await response.json()).toMatchObject({ type: "urn:retyn:problem:body-too-large" });
	});

	test("answers HTTP/1.0 without a Host, as health checkers ask", async () => {
		const server = await ground.start(PLAIN);
		expect(await raw(server.port, "GET /livez HTTP/1.0\r\n\r\n")).toContain(" 200 ");
	});

	test("takes a client that hangs up in the middle of its body for no failure of its own", async () => {
		const server = await ground.start(PLAIN);
		const head = "POST /api/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
		await raw(server.port, `${head}Content-Length: 100\r\n\r\n{`, { hangUp: true });
		expect((await server.get("/api/areas/buy")).status).toBe(200);
		expect(server.output.text).not.toMatch(/ERROR|Request failed/);
	});

	test.each(["SIGTERM", "SIGINT"] as const)(
		"on %s finishes what is in flight and leaves with 0",
		async (signal) => {
			const server = await ground.start(PLAIN);
			const answers = Array.from({ length: 20 }, () => server.get("/api/areas/rent"));
			await answers[0];
			server.process.kill(signal);
			const statuses = (await Promise.allSettled(answers)).map((answer) =>
				answer.status === "fulfilled" ? answer.value.status : "dropped",
			);
			expect(new Set(statuses)).toEqual(new Set([200]));
			expect(await server.process.exited).toBe(0);
		},
	);

	test("starts without its database and recovers when that is there", async () => {
		const server = await ground.start({
			...PLAIN,
			DATABASE_URL: `postgres://nobody@127.0.0.1:${await freePort()}/none`,
		});
		expect((await server.get("/api/areas/buy")).status).toBe(503);
		expect((await server.get("/livez")).status).toBe(200);
	});

	test("refuses a configuration that is wrong with every reason and exit code 2", async () => {
		const { process, output } = ground.spawn({
			...PLAIN,
			JWT_SECRET: "short",
			PORT: "x",
			NODE_ENV: "production",
		});
		expect(await process.exited).toBe(2);
		await eventually(
			() => output.text.includes("JWT_SECRET is too short") && output.text.includes("PORT must be"),
		);
	});

	test("says so and leaves when its port is taken", async () => {
		const taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
		const { process, output } = ground.spawn({ ...PLAIN, PORT: String(taken.port) });
		expect(await process.exited).toBe(1);
		await eventually(() => output.text.includes("The port could not be opened"));
		await taken.stop();
	});
});
