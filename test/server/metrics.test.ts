import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { firstValue, parseMetrics } from "../observability/parse-metrics.ts";
import { useServers } from "../support/servers.ts";

const ground = useServers({ redis: { args: ["--maxmemory", "16mb"] } });

/** As while developing, and without Redis. */
const ALONE = { NODE_ENV: undefined, REDIS_ENABLED: "false", CACHE_STORE_DEADLINE_MS: undefined };

async function startListening(env: Record<string, string | undefined> = {}) {
	const metricsPort = await freePort();
	const server = await ground.start({ ...ALONE, METRICS_PORT: String(metricsPort), ...env });
	const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
	return {
		...server,
		metricsPort,
		/** What a flat of that size is worth. */
		value: (size_sqm: number) => server.value({ area: "Business Bay", property_type: "Flat", size_sqm }),
		scrape: async () => parseMetrics(await (await fetch(metricsUrl)).text()),
	};
}

const WITH_REDIS = { REDIS_ENABLED: "true" };

describe("a running server", () => {
	test("tells Prometheus what it answered, from where, and how its store and database are", async () => {
		const server = await startListening(WITH_REDIS);
		await eventually(async () => firstValue(await server.scrape(), "retyn_store_connected") === 1);
		await server.get("/nothing");
		// On a busy machine a first write may be given up on: it is asked until one was stored and given.
		let asked = 0;
		await eventually(async () => {
			asked += 1;
			await server.get("/api/areas/buy");
			const { series } = await server.scrape();
			const areas = 'route="/api/areas/:searchType",method="GET",status="200"';
			expect(series.get(`retyn_http_requests_total{${areas}}`)).toBe(asked);
			expect(series.get('retyn_http_requests_total{route="unmatched",method="GET",status="404"}')).toBe(1);
			expect(series.get('retyn_cache_hits_total{policy="areas",tier="memory"}')).toBeGreaterThan(0);
			expect(series.get('retyn_store_calls_total{call="commit",outcome="stored"}')).toBeGreaterThan(0);
			expect(series.get('retyn_database_queries_total{operation="select"}')).toBeGreaterThan(0);
		}, 15_000);
		let found = await server.scrape();
		// Of the store and the instance each is left out where it does not answer in time.
		await eventually(async () => {
			found = await server.scrape();
			expect(firstValue(found, "retyn_ready")).toBe(1);
			expect(firstValue(found, "retyn_warming")).toBe(0);
			expect(firstValue(found, "retyn_store_entries")).toBeGreaterThan(0);
			expect(firstValue(found, "retyn_views_refreshed_seconds")).toBeGreaterThanOrEqual(0);
		}, 15_000);
		// Asking the instance how it is is no request of anybody's.
		expect([...found.series.keys()].filter((name) => name.includes("readyz"))).toEqual([]);
		expect(firstValue(found, "retyn_store_memory_max_bytes")).toBe(16 * 1024 * 1024);
		expect(firstValue(found, "retyn_store_memory_used_bytes")).toBeGreaterThan(0);
		expect(firstValue(found, "retyn_data_version")).toBeGreaterThan(0);
		expect(firstValue(found, "process_resident_memory_bytes")).toBeGreaterThan(1e7);
		expect(firstValue(found, "nodejs_eventloop_lag_p99_seconds")).toBeGreaterThanOrEqual(0);
	});

	test("tells them within a second or two also while its store hangs", async () => {
		const server = await startListening(WITH_REDIS);
		await eventually(async () => firstValue(await server.scrape(), "retyn_store_connected") === 1);
		let size = 60;
		ground.redis.freeze();
		await eventually(async () => {
			size += 1;
			await server.value(size);
			const begun = performance.now();
			const found = await server.scrape();
			expect(performance.now() - begun).toBeLessThan(2_000);
			expect(firstValue(found, "retyn_store_entries")).toBeUndefined();
			expect(firstValue(found, "retyn_store_breaker_openings_total")).toBeGreaterThan(0);
			expect(
				found.series.get('retyn_store_failures_total{operation="read",cause="timeout"}'),
			).toBeGreaterThan(0);
		}, 10_000);
	});

	test("does not tell them at its public address, with or without a token", async () => {
		const server = await startListening();
		for (const path of ["/metrics", "/api/metrics"]) {
			const response = await server.get(path);
			expect(response.status).toBe(404);
			expect(response.headers.get("Content-Type")).toContain("application/problem+json");
		}
	});

	test("leaves in good time although somebody holds a connection to its metrics", async () => {
		const server = await startListening();
		const socket = connect({ port: server.metricsPort, host: "127.0.0.1" });
		socket.on("error", () => {});
		await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
		socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n");
		const begun = performance.now();
		server.process.kill("SIGTERM");
		expect(await server.process.exited).toBe(0);
		expect(performance.now() - begun).toBeLessThan(5_000);
		socket.destroy();
	});

	test("says so and leaves when the port for its metrics is taken", async () => {
		const taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
		const refused = ground.spawn({
			...ALONE,
			PORT: String(await freePort()),
			METRICS_PORT: String(taken.port),
		});
		const code = await refused.process.exited;
		await taken.stop();
		expect(code).toBe(1);
		await eventually(() => refused.output.text.includes("The port for metrics could not be opened"));
	});
});
