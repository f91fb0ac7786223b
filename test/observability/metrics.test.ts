import { describe, expect, test } from "bun:test";
import { createCounting } from "../../src/observability/counting.ts";
import type { MetricsDeps } from "../../src/observability/metrics.ts";
import { metricsApp } from "../../src/observability/metrics-app.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { firstValue, parseMetrics } from "./parse-metrics.ts";

const NAMES = [
	"retyn_http_requests_total",
	"retyn_http_request_duration_seconds",
	"retyn_cache_hits_total",
	"retyn_cache_stale_total",
	"retyn_cache_misses_total",
	"retyn_cache_bypasses_total",
	"retyn_cache_refused_total",
	"retyn_cache_fills_total",
	"retyn_cache_fill_failures_total",
	"retyn_cache_fill_duration_seconds",
	"retyn_cache_origin_seconds_saved_total",
	"retyn_cache_purges_total",
	"retyn_store_calls_total",
	"retyn_store_call_duration_seconds",
	"retyn_store_failures_total",
	"retyn_store_breaker_open",
	"retyn_store_breaker_openings_total",
	"retyn_store_connected",
	"retyn_store_memory_used_bytes",
	"retyn_store_memory_max_bytes",
	"retyn_store_evictions_total",
	"retyn_store_entries",
	"retyn_database_queries_total",
	"retyn_database_query_errors_total",
	"retyn_database_query_duration_seconds",
	"retyn_database_queries_in_flight",
	"retyn_database_pool_size",
	"retyn_database_queries_waiting",
	"retyn_valuations_total",
	"retyn_ready",
	"retyn_warming",
	"retyn_data_version",
	"retyn_model_info",
	"retyn_views_refreshed_seconds",
	"process_cpu_seconds_total",
	"process_resident_memory_bytes",
	"nodejs_eventloop_lag_seconds",
	"nodejs_eventloop_lag_p99_seconds",
];

const ABOUT = { policy: "areas", key: "areas:1" };

function setUp(asked: Pick<MetricsDeps, "usage" | "connected" | "state"> = {}) {
	const counting = createCounting({
		clock: createTestClock(),
		policies: ["areas", "valuation"],
		tiers: ["memory", "redis"],
		stores: ["redis"],
		segments: ["flat-ready", "villa-ready"],
		poolSize: 10,
	});
	const metrics = counting.metrics(asked);
	return { counting, metrics, scrape: async () => parseMetrics(await (await metrics).text()) };
}

describe("the metrics", () => {
	test("have the names that dashboards are made of, each with its help and its type", async () => {
		const { types, helps } = await setUp().scrape();
		for (const name of NAMES) {
			expect({ name, type: types.get(name) }).toEqual({ name, type: expect.stringMatching(/^[a-z]+$/) });
			expect(helps.get(name)?.length ?? 0).toBeGreaterThan(10);
		}
	});

	test("have a series for all that can be counted from the start, so that its first count is seen", async () => {
		const { series } = await setUp().scrape();
		const zero = [
			'retyn_cache_hits_total{policy="valuation",tier="redis"}',
			'retyn_cache_stale_total{policy="areas",because="failed"}',
			'retyn_cache_misses_total{policy="areas",reason="store-failed"}',
			'retyn_cache_refused_total{policy="areas",reason="outgrown"}',
			'retyn_cache_fill_duration_seconds_bucket{policy="areas",le="+Inf"}',
			'retyn_cache_purges_total{kind="expired"}',
			'retyn_store_calls_total{call="commit",outcome="lease-lost"}',
			'retyn_store_call_duration_seconds_count{call="readTogether"}',
			'retyn_store_failures_total{operation="purge",cause="timeout"}',
			'retyn_store_breaker_open{store="redis"}',
			'retyn_database_queries_total{operation="with"}',
			'retyn_database_query_errors_total{class="connection"}',
			'retyn_valuations_total{segment="villa-ready",outcome="insufficient-evidence"}',
		];
		for (const name of zero) expect([name, series.get(name)]).toEqual([name, 0]);
		expect(series.get("retyn_database_pool_size")).toBe(10);
	});

	test("tell what was counted", async () => {
		const { counting, scrape } = setUp();
		const { cache, requests, queries, valuations } = counting;
		cache.listener({ type: "hit", ...ABOUT, tier: "redis", ageS: 1, ttlS: 9, savedMs: 1_500 });
		cache.listener({ type: "hit", policy: "later", key: "k", tier: "memory", ageS: 1, ttlS: 9, savedMs: 1 });
		cache.listener({ type: "filled", ...ABOUT, ttlS: 9, bytes: 1, tookMs: 20, by: "early" });
		cache.listener({ type: "breaker", store: "redis", state: "opened" });
		cache.observeStore("get", 2, "hit");
		requests.observe("/livez", "GET", 200, 0.07);
		queries.started("select")("57");
		queries.started("insert");
		valuations.onValued("flat-ready", "valued");
		const { series } = await scrape();
		const expected = {
			'retyn_cache_hits_total{policy="areas",tier="redis"}': 1,
			'retyn_cache_hits_total{policy="later",tier="memory"}': 1,
			'retyn_cache_origin_seconds_saved_total{policy="areas"}': 1.5,
			'retyn_cache_fills_total{policy="areas",by="early"}': 1,
			'retyn_cache_fill_duration_seconds_bucket{policy="areas",le="0.016"}': 0,
			'retyn_cache_fill_duration_seconds_bucket{policy="areas",le="0.025"}': 1,
			'retyn_cache_fill_duration_seconds_bucket{policy="areas",le="+Inf"}': 1,
			'retyn_cache_fill_duration_seconds_sum{policy="areas"}': 0.02,
			'retyn_cache_fill_duration_seconds_count{policy="areas"}': 1,
			'retyn_store_breaker_open{store="redis"}': 1,
			'retyn_store_breaker_openings_total{store="redis"}': 1,
			'retyn_store_calls_total{call="get",outcome="hit"}': 1,
			'retyn_http_requests_total{route="/livez",method="GET",status="200"}': 1,
			'retyn_http_request_duration_seconds_count{route="/livez"}': 1,
			'retyn_database_queries_total{operation="select"}': 1,
			'retyn_database_query_errors_total{class="57"}': 1,
			retyn_database_queries_in_flight: 1,
			'retyn_valuations_total{segment="flat-ready",outcome="valued"}': 1,
		};
		for (const [name, value] of Object.entries(expected))
			expect([name, series.get(name)]).toEqual([name, value]);
	});

	test("have buckets that only rise, up to the count", async () => {
		const { counting, scrape } = setUp();
		for (let ms = 0.01; ms < 40_000; ms *= 1.3) counting.requests.observe("/livez", "GET", 200, ms);
		const { series } = await scrape();
		const buckets = [...series].filter(([name]) => name.startsWith("retyn_http_request_duration_seconds_b"));
		const values = buckets.map(([, value]) => value);
		expect(values).toEqual(values.toSorted((one, other) => one - other));
		expect(values.at(-1)).toBe(
			series.get('retyn_http_request_duration_seconds_count{route="/livez"}') as number,
		);
		const bounds = buckets.map(([name]) => /le="([^"]+)"/.exec(name)?.[1]);
		expect(bounds.slice(0, 3)).toEqual(["0.00004", "0.000063", "0.0001"]);
		expect(bounds.slice(-2)).toEqual(["16", "+Inf"]);
	});

	test("tell how the instance and its store are, and leave out what is not known", async () => {
		const unknown = await setUp().scrape();
		const inQuestion = [
			"retyn_ready",
			"retyn_warming",
			"retyn_data_version",
			"retyn_model_info",
			"retyn_views_refreshed_seconds",
			"retyn_store_connected",
			"retyn_store_memory_used_bytes",
			"retyn_store_memory_max_bytes",
			"retyn_store_evictions_total",
			"retyn_store_entries",
		];
		for (const name of inQuestion) expect([name, firstValue(unknown, name)]).toEqual([name, undefined]);
		const known = await setUp({
			connected: () => false,
			usage: async () => ({ usedBytes: 5, maxBytes: 10, evictions: 3, entries: 2 }),
			state: {
				ready: async () => true,
				warming: () => false,
				dataVersion: () => 17,
				modelVersion: () => 'v"1\\',
				viewsAgeS: async () => 12.5,
			},
		}).scrape();
		expect(inQuestion.map((name) => firstValue(known, name))).toEqual([1, 0, 17, 1, 12.5, 0, 5, 10, 3, 2]);
		expect(known.series.get('retyn_model_info{version="v\\"1\\\\"}')).toBe(1);
	});

	test("come all the same, and soon, when the store hangs and the database fails", async () => {
		const { scrape } = setUp({
			usage: () => new Promise(() => {}),
			state: {
				ready: () => Promise.reject(new Error("gone")),
				viewsAgeS: () => {
					throw new Error("gone");
				},
				dataVersion: () => 3,
			},
		});
		const begun = performance.now();
		const found = await scrape();
		expect(performance.now() - begun).toBeLessThan(1_500);
		expect(firstValue(found, "retyn_store_entries")).toBeUndefined();
		expect(firstValue(found, "retyn_ready")).toBeUndefined();
		expect(firstValue(found, "retyn_data_version")).toBe(3);
	});
});

describe("the listener for metrics", () => {
	test("answers GET /metrics with Prometheus' content type, and nothing else", async () => {
		const app = metricsApp(await setUp().metrics);
		const response = await app.request("/metrics");
		expect(response.status).toBe(200);
		expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
		expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
		for (const [path, method] of [
			["/", "GET"],
			["/metrics/", "GET"],
			["/api/areas/buy", "GET"],
			["/metrics", "POST"],
		] as const) {
			expect([path, method, (await app.request(path, { method })).status]).toEqual([path, method, 404]);
		}
	});

	test("turns those away who ask while it is busy with others", async () => {
		const answers = Promise.withResolvers<undefined>();
		const app = metricsApp(await setUp({ state: { ready: () => answers.promise } }).metrics);
		const asked = Array.from({ length: 20 }, () => app.request("/metrics"));
		expect((await asked[19])?.status).toBe(503);
		answers.resolve(undefined);
		const statuses = (await Promise.all(asked)).map(({ status }) => status);
		expect(statuses.filter((status) => status === 200)).toHaveLength(8);
		expect((await app.request("/metrics")).status).toBe(200);
	});
});
