import { afterEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import postgres from "postgres";
import { eventually } from "../cache/support/eventually.ts";
import { useServers } from "../support/servers.ts";
import { type KeepAliveClient, openKeepAlive, written } from "./keep-alive-client.ts";

/** A container's stop is followed by SIGKILL after this. */
const GONE_WITHIN_MS = 10_000;
const CLIENTS = 32;
/** Another process on a busy machine. */
const START_WITHIN_MS = 15_000;

const ground = useServers();

const opened: { close(): unknown }[] = [];
afterEach(async () => {
	for (const each of opened.splice(0)) await each.close();
});

const WITHOUT_REDIS = { REDIS_ENABLED: "false" };

async function startServer(env: Record<string, string> = WITHOUT_REDIS) {
	const server = await ground.start({
		CACHE_MEMORY_MB: "16",
		CACHE_STORE_DEADLINE_MS: undefined,
		...env,
	});
	const { port, process: child } = server;

	/** Sends a signal; what the process then ended with, and after how long. */
	async function stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM") {
		const begun = performance.now();
		child.kill(signal);
		return { code: await child.exited, ms: performance.now() - begun };
	}
	const client = (next?: () => string | undefined) => {
		const opening = openKeepAlive(port, next);
		opened.push(opening);
		return opening;
	};
	return { ...server, stop, client, ready: () => fetch(`${server.url}/readyz`) };
}

const hit = () => written("GET", "/api/areas/buy", ground.token);
const valuation = (sizeSqm: number) =>
	written("POST", "/api/property/valuation", ground.token, {
		property_type: "Flat",
		area: "Business Bay",
		size_sqm: sizeSqm,
	});

/** Each a flat that nobody asked about before. */
function misses(): () => string {
	let asked = 0;
	return () => {
		asked += 1;
		return valuation(50 + (asked % 5_000) / 100);
	};
}

async function answeredAtLeast(clients: KeepAliveClient[], count: number): Promise<void> {
	await eventually(() => clients.every(({ answered }) => answered >= count), 20_000);
}

/** Nothing is sent, so that it is not taken for a client that is still coming. */
function refusesConnections(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ port, host: "127.0.0.1" }, () => {
			socket.destroy();
			resolve(false);
		});
		socket.once("error", () => resolve(true));
	});
}

/** Keeps every valuation waiting until it is let go. */
async function holdSales() {
	const sql = postgres(ground.database.url, { max: 1, onnotice: () => {} });
	const held = Promise.withResolvers<void>();
	const { promise: letGo, resolve } = Promise.withResolvers<void>();
	const holding = sql.begin(async (tx) => {
		await tx`lock table sales, rentals in access exclusive mode`;
		held.resolve();
		await letGo;
	});
	await held.promise;
	async function close() {
		resolve();
		await holding;
		await sql.end();
	}
	opened.push({ close });
	return {
		letGo: resolve,
		/** Resolves when somebody's statement waits for us. */
		waitedFor: () =>
			eventually(async () => {
				const waiting = await ground.database.sql`
					select 1 from pg_stat_activity
					where datname = current_database() and wait_event_type = 'Lock'`;
				return waiting.length > 0;
			}),
	};
}

/**
 * A request counts as dropped when its client had a connection and wrote it before the server said `Connection: close`
 * there, and the connection ended without a complete answer to it. No excuse is made: also a request that crosses with the
 * closing of an idle connection counts, which HTTP could not help, since these clients are never idle for long enough.
 */
describe.each([
	["with Redis", {}],
	["without Redis", WITHOUT_REDIS],
])("a server that is told to stop in the middle of requests, %s", (_, settings) => {
	test.each([1, 2, 3, 4, 5])(
		"drops none of them and leaves with 0, time %i",
		async () => {
			const server = await startServer(settings);
			const miss = misses();
			const clients = Array.from({ length: CLIENTS }, (_, index) => server.client(index % 2 ? hit : miss));
			await answeredAtLeast(clients, 3);
			const stopped = server.stop();
			const endings = await Promise.all(clients.map(({ ended }) => ended));
			expect(endings.map(({ dropped }) => dropped)).toEqual(endings.map(() => 0));
			expect(endings.every(({ answers }) => answers.at(-1)?.closes)).toBe(true);
			// 422 is an answer too: of some flats there is too little to say.
			const statuses = new Set(endings.flatMap(({ answers }) => answers.map(({ status }) => status)));
			expect([...statuses].filter((status) => status !== 200 && status !== 422)).toEqual([]);
			const { code, ms } = await stopped;
			expect(code).toBe(0);
			expect(ms).toBeLessThan(GONE_WITHIN_MS);
		},
		40_000,
	);
});

describe("a server that is told to stop", () => {
	test("is not ready at once, and takes new connections for as long as it was told to", async () => {
		const server = await startServer({ ...WITHOUT_REDIS, STOP_DELAY_MS: "1500" });
		await eventually(async () => (await server.ready()).status === 200, START_WITHIN_MS);
		const stopped = server.stop();
		await eventually(async () => {
			const answer = await server.ready();
			return answer.status === 503 && answer.headers.get("Connection") === "close";
		}, 500);
		const late = server.client(hit);
		const { answers, dropped } = await late.ended;
		expect(answers).toMatchObject([{ status: 200, closes: true }]);
		expect(dropped).toBe(0);
		const { code, ms } = await stopped;
		expect(code).toBe(0);
		expect(ms).toBeGreaterThan(1_500);
	}, 40_000);

	test("closes connections that are idle, and is gone within a second", async () => {
		const server = await startServer();
		let asked = 0;
		const idle = server.client(() => (asked++ === 0 ? hit() : undefined));
		await answeredAtLeast([idle], 1);
		const { code, ms } = await server.stop("SIGINT");
		expect(code).toBe(0);
		expect(ms).toBeLessThan(1_000);
		expect((await idle.ended).dropped).toBe(0);
	}, 40_000);

	test("finishes a slow valuation, also when it is told again", async () => {
		const server = await startServer();
		await server.get("/api/areas/buy");
		const sales = await holdSales();
		const slow = server.client(() => valuation(71.5));
		await sales.waitedFor();
		const stopped = server.stop();
		// The port is closed before the answer is there.
		await eventually(() => refusesConnections(server.port));
		server.process.kill("SIGTERM");
		server.process.kill("SIGINT");
		sales.letGo();
		expect(await slow.ended).toMatchObject({ answers: [{ status: 200, closes: true }], dropped: 0 });
		expect((await stopped).code).toBe(0);
	}, 40_000);

	test.each([
		["in the head of its request", "POST /api/auth/token HTTP/1.1\r\nHost: retyn"],
		[
			"in the body",
			"POST /api/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
		],
	])(
		"is not held up by a client that hangs %s",
		async (_, bytes) => {
			const server = await startServer();
			const hanging = server.client();
			hanging.send(bytes);
			// What was sent before this one's request has been read when it is answered.
			let asked = 0;
			await answeredAtLeast([server.client(() => (asked++ === 0 ? hit() : undefined))], 1);
			const { code, ms } = await server.stop();
			expect(code).toBe(0);
			expect(ms).toBeLessThan(3_000);
			await hanging.ended;
		},
		20_000,
	);

	test("cuts off what takes longer than it may, says so by its exit code, and is gone in time", async () => {
		const server = await startServer({ ...WITHOUT_REDIS, DATABASE_STATEMENT_TIMEOUT_MS: "60000" });
		await server.get("/api/areas/buy");
		const sales = await holdSales();
		const endless = server.client(() => valuation(72.5));
		await sales.waitedFor();
		const { code, ms } = await server.stop();
		expect(code).toBe(1);
		expect(ms).toBeLessThan(GONE_WITHIN_MS);
		expect(await endless.ended).toMatchObject({ answers: [], dropped: 1 });
	}, 40_000);
});
