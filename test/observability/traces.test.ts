import { afterEach, describe, expect, test } from "bun:test";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { useServers } from "../support/servers.ts";
import { type Collector, startCollector } from "./collector.ts";

const FLAT = { property_type: "Flat", area: "Business Bay", size_sqm: 71.25 };
/** Another process on a busy machine. */
const START_WITHIN_MS = 15_000;
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const KIND = { INTERNAL: 1, SERVER: 2, CLIENT: 3 };

const ground = useServers();
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function collect(options?: { hangs: boolean }): Collector {
	const collector = startCollector(options);
	cleanUps.push(() => collector.stop());
	return collector;
}

async function startServer(tracesTo: string) {
	const server = await ground.start({
		REDIS_ENABLED: "false",
		CACHE_MEMORY_MB: "16",
		// Nothing is asked for but what the test asks for.
		CACHE_WARM_VALUATIONS: "0",
		VALUATION_MISSES_PER_MINUTE: undefined,
		OTEL_EXPORTER_OTLP_ENDPOINT: tracesTo,
	});
	await eventually(async () => (await server.ready()).code === 200, START_WITHIN_MS);
	const value = (body: object, traceparent = "") =>
		server.post("/api/property/valuation?secret=in-the-query", body, {
			headers: { ...(traceparent && { traceparent }) },
		});
	return { child: server.process, output: server.output, value };
}

const VALUATION = "POST /api/property/valuation";

describe("a server with a collector of traces", () => {
	test("tells of a miss: the request, the cache in it, and in that the queries", async () => {
		const collector = collect();
		const { value } = await startServer(collector.url);
		let asked = 0;
		let trace = "";
		// While a server starts it may hear of changes, and then does not keep what it has just worked out.
		await eventually(async () => {
			asked += 1;
			trace = TRACE.slice(0, -2) + String(asked).padStart(2, "0");
			const answer = await value({ ...FLAT, size_sqm: 60 + asked / 4 }, `00-${trace}-${CALLER}-01`);
			return answer.headers.get("Cache-Status")?.includes("stored") === true;
		}, START_WITHIN_MS);
		const request = await collector.spanOf(VALUATION, trace);
		expect(request).toMatchObject({
			kind: KIND.SERVER,
			service: "retyn-avm",
			attributes: {
				"http.request.method": "POST",
				"http.route": "/api/property/valuation",
				"http.response.status_code": 200,
				"url.path": "/api/property/valuation",
			},
		});
		const answer = await collector.spanOf("cache valuation", request.traceId);
		expect(answer).toMatchObject({
			parentSpanId: request.spanId,
			kind: KIND.INTERNAL,
			attributes: { "cache.prefix": "valuation:", "cache.outcome": "miss" },
		});
		const inner = await collector.spanOf("cache valuation-values", request.traceId);
		expect(inner).toMatchObject({ parentSpanId: answer.spanId, attributes: { "cache.outcome": "miss" } });
		const queries = collector.childrenOf(inner).filter(({ kind }) => kind === KIND.CLIENT);
		expect(queries.length).toBeGreaterThan(0);
		for (const query of queries) {
			expect(query).toMatchObject({
				traceId: request.traceId,
				name: expect.stringMatching(/^query (select|with)$/),
				attributes: { "db.system.name": "postgresql", "db.operation.name": expect.any(String) },
			});
		}
	}, 40_000);

	test("tells of a hit: no query is in it", async () => {
		const collector = collect();
		const { value } = await startServer(collector.url);
		const isHit = (answer: Response) => answer.headers.get("Cache-Status")?.includes(";hit") === true;
		await eventually(async () => isHit(await value(FLAT)), START_WITHIN_MS);
		expect(isHit(await value(FLAT, `00-${TRACE}-${CALLER}-01`))).toBe(true);
		const request = await collector.spanOf(VALUATION, TRACE);
		const [answer, ...others] = collector.childrenOf(request);
		expect(others).toEqual([]);
		expect(answer).toMatchObject({ name: "cache valuation", attributes: { "cache.outcome": "hit" } });
		expect(answer && collector.childrenOf(answer)).toEqual([]);
	}, 40_000);

	test("goes on with its caller's trace, and leaves out what the caller does not record", async () => {
		const collector = collect();
		const { value, child } = await startServer(collector.url);
		await value(FLAT, `00-${TRACE.replace("4", "5")}-${CALLER}-00`);
		await value(FLAT, `00-${TRACE}-${CALLER}-01`);
		expect((await collector.spanOf(VALUATION, TRACE)).parentSpanId).toBe(CALLER);
		await value(FLAT, "00-nonsense");
		// Whatever is left is sent before it ends.
		child.kill("SIGTERM");
		expect(await child.exited).toBe(0);
		const requests = collector.spans.filter(({ name }) => name === VALUATION);
		expect(requests.map(({ parentSpanId }) => parentSpanId || undefined)).toEqual([CALLER, undefined]);
	}, 40_000);

	test("tells nobody what was asked, or by whom", async () => {
		const collector = collect();
		const { value, child } = await startServer(collector.url);
		await value(FLAT);
		child.kill("SIGTERM");
		await child.exited;
		expect(collector.text).toContain(VALUATION);
		for (const secret of [ground.token, "in-the-query", "Business Bay", "71.25", "from sales"]) {
			expect(collector.text.toLowerCase()).not.toContain(secret.toLowerCase());
		}
	}, 40_000);
});

describe.each([
	["that is not there", async () => `http://127.0.0.1:${await freePort()}`],
	["that never answers", async () => collect({ hangs: true }).url],
])("a server with a collector %s", (_, address) => {
	test("answers as quickly as ever, warns once, and stops in time", async () => {
		const { value, child, output } = await startServer(await address());
		await value(FLAT);
		const begun = performance.now();
		for (let count = 0; count < 200; count += 1) expect((await value(FLAT)).status).toBe(200);
		expect((performance.now() - begun) / 200).toBeLessThan(50);
		await eventually(() => output.text.includes("Traces cannot be sent"), 15_000);
		for (let count = 0; count < 20; count += 1) await value(FLAT);
		const stopAt = performance.now();
		child.kill("SIGTERM");
		expect(await child.exited).toBe(0);
		expect(performance.now() - stopAt).toBeLessThan(4_000);
		expect(output.text.match(/Traces cannot be sent/g)).toHaveLength(1);
		expect(output.text).not.toContain("Request failed");
	}, 40_000);
});
