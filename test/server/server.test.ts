import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import type { Redis } from "ioredis";
import { connectRedis } from "../../src/cache/redis.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { createTestRedis, type TestRedis } from "../cache/support/redis.ts";
import { createTestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";

let database: TestDatabase;
let redis: TestRedis;
let client: Redis;
let token: string;
const SECRET = "a-secret-of-the-tests-0123456789-abcdef";
beforeAll(async () => {
	[database, redis] = await Promise.all([
		createTestDatabase(),
		createTestRedis({ password: "long enough for it" }),
	]);
	client = connectRedis({ host: "127.0.0.1", port: redis.port, password: redis.password });
	await seedSmallMarket(database.db);
	token = await (await createTestApp({ database, clock: createTestClock(Date.now()) })).signUp();
});
afterAll(async () => {
	client.disconnect();
	await Promise.all([database.drop(), redis.stop()]);
});

const running = new Set<ReturnType<typeof startServer>["process"]>();
afterEach(async () => {
	for (const child of running) child.kill("SIGKILL");
	await Promise.all([...running].map((child) => child.exited));
	running.clear();
});

function startServer(env: Record<string, string | undefined>) {
	const child = Bun.spawn([process.execPath, "--no-env-file", "src/server.ts"], {
		env: { PATH: Bun.env["PATH"], DATABASE_URL: database.url, JWT_SECRET: SECRET, HOST: "127.0.0.1", ...env },
		stdout: "pipe",
		stderr: "pipe",
	});
	running.add(child);
	const output = { text: "" };
	void collect(child.stdout, output);
	void collect(child.stderr, output);
	return { process: child, output };
}

async function collect(stream: ReadableStream<Uint8Array>, into: { text: string }): Promise<void> {
	const decoder = new TextDecoder();
	for await (const chunk of stream) into.text += decoder.decode(chunk, { stream: true });
}

async function startListening(env: Record<string, string | undefined> = {}) {
	const port = await freePort();
	const server = startServer({ PORT: String(port), ...env });
	const url = `http://127.0.0.1:${port}`;
	await eventually(async () => (await fetch(`${url}/livez`)).ok, 20_000);
	const ask = (path: string) => fetch(url + path, { headers: { Authorization: `Bearer ${token}` } });
	return { ...server, ask, url, port };
}

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
		const server = await startListening({
			NODE_ENV: "production",
			CACHE_LOG: "all",
			REDIS_ENABLED: "true",
			REDIS_PORT: String(redis.port),
			REDIS_PASSWORD: redis.password,
		});
		await eventually(() => server.output.text.includes("Redis cache connected"));
		// On a busy machine a first write may be given up on and land all the same, so no line tells of it.
		const lists = ["areas/buy", "areas/rent", "areas/trends", "property-types/buy", "property-types/rent"];
		let lines: { msg: string }[] = [];
		await eventually(async () => {
			for (const list of lists) await server.ask(`/api/${list}`);
			const complete = server.output.text.slice(0, server.output.text.lastIndexOf("\n"));
			lines = complete.split("\n").map((line) => JSON.parse(line));
			const messages = lines.map(({ msg }) => msg);
			return ["Cache MISS", "Cache STORED", "Cache HIT"].every((line) => messages.includes(line));
		});
		const hit = lines.find((line) => line.msg === "Cache HIT");
		expect(hit).toMatchObject({
			level: "info",
			policy: expect.any(String),
			key: expect.stringMatching(/^\w+:/),
		});
		expect(server.output.text).not.toContain(redis.password);
	});

	test("49: logging out at one server is known to another that shares its Redis, and both stop cleanly", async () => {
		const signUp = (await createTestApp({ database, clock: createTestClock(Date.now()) })).signUp;
		const env = { REDIS_ENABLED: "true", REDIS_PORT: String(redis.port), REDIS_PASSWORD: redis.password };
		const servers = await Promise.all([startListening(env), startListening(env)]);
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
		expect([await ask(here), await ask(elsewhere)]).toEqual([200, 200]);
		const loggedOut = await fetch(`${here?.url}/api/auth/logout`, { method: "POST", headers });
		expect(loggedOut.status).toBe(204);
		await eventually(async () => (await ask(elsewhere)) === 401, 1_000);
		for (const server of servers) {
			server.process.kill("SIGTERM");
			expect(await server.process.exited).toBe(0);
		}
	});

	test("without Redis keeps nothing in production, and answers in memory while developing", async () => {
		const production = await startListening({ NODE_ENV: "production" });
		expect((await production.ask("/api/areas/buy")).headers.get("Cache-Status")).toContain("cache-off");
		const development = await startListening();
		await development.ask("/api/areas/buy");
		expect((await development.ask("/api/areas/buy")).headers.get("Cache-Status")).toContain(";hit");
	});

	test("answers a body of 10 MB with a problem", async () => {
		const server = await startListening();
		const response = await fetch(`${server.url}/api/property/valuation`, {
			method: "POST",
			headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
			body: JSON.stringify({ area: "a".repeat(10_000_000) }),
		});
		expect(response.status).toBe(413);
		expect(await response.json()).toMatchObject({ type: "urn:retyn:problem:body-too-large" });
	});

	test("answers HTTP/1.0 without a Host, as health checkers ask", async () => {
		const server = await startListening();
		expect(await raw(server.port, "GET /livez HTTP/1.0\r\n\r\n")).toContain(" 200 ");
	});

	test("takes a client that hangs up in the middle of its body for no failure of its own", async () => {
		const server = await startListening();
		const head = "POST /api/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
		await raw(server.port, `${head}Content-Length: 100\r\n\r\n{`, { hangUp: true });
		expect((await server.ask("/api/areas/buy")).status).toBe(200);
		expect(server.output.text).not.toMatch(/ERROR|Request failed/);
	});

	test.each(["SIGTERM", "SIGINT"] as const)(
		"on %s finishes what is in flight and leaves with 0",
		async (signal) => {
			const server = await startListening();
			const answers = Array.from({ length: 20 }, () => server.ask("/api/areas/rent"));
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
		const server = await startListening({
			DATABASE_URL: `postgres://nobody@127.0.0.1:${await freePort()}/none`,
		});
		expect((await server.ask("/api/areas/buy")).status).toBe(503);
		expect((await server.ask("/livez")).status).toBe(200);
	});

	test("refuses a configuration that is wrong with every reason and exit code 2", async () => {
		const { process, output } = startServer({ JWT_SECRET: "short", PORT: "x", NODE_ENV: "production" });
		expect(await process.exited).toBe(2);
		await eventually(
			() => output.text.includes("JWT_SECRET is too short") && output.text.includes("PORT must be"),
		);
	});

	test("says so and leaves when its port is taken", async () => {
		const taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
		const { process, output } = startServer({ PORT: String(taken.port) });
		expect(await process.exited).toBe(1);
		await eventually(() => output.text.includes("The port could not be opened"));
		await taken.stop();
	});
});
