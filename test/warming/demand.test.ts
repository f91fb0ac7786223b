import { afterEach, describe, expect, test } from "bun:test";
import { createMemoryPopularity, type PopularityCounter } from "../../src/cache/index.ts";
import { createDemand, type Demand } from "../../src/warming/demand.ts";
import { wantedRequests } from "../../src/warming/wanted.ts";
import { createTestClock } from "../cache/support/clock.ts";

const TODAY = "2026-08-01";
const flat = (size_sqm: number, more: object = {}) => ({
	property_type: "Flat",
	area: "JVC",
	size_sqm,
	...more,
});

const opened: Demand[] = [];
afterEach(async () => {
	for (const demand of opened.splice(0)) await demand.stop();
});

function start(counter: PopularityCounter = createMemoryPopularity({ clock: createTestClock() })) {
	const demand = createDemand({ counter });
	opened.push(demand);
	return demand;
}

describe("what callers ask for", () => {
	test("is told with what is asked for most first, once it is handed on", async () => {
		const demand = start();
		for (const size of [40, 50, 50, 60, 50, 60]) demand.asked(flat(size), TODAY);
		expect(await demand.top(2)).toEqual([]);
		await demand.flush();
		expect((await demand.top(2)).map((body) => JSON.parse(body).size_sqm)).toEqual([50, 60]);
	});

	test("as of today is the same tomorrow; as of another day stays that day's", async () => {
		const demand = start();
		demand.asked(flat(40, { as_of: TODAY }), TODAY);
		demand.asked(flat(40), TODAY);
		demand.asked(flat(40, { as_of: "2026-07-01" }), TODAY);
		await demand.flush();
		expect((await demand.top(9)).map((body) => JSON.parse(body).as_of)).toEqual([undefined, "2026-07-01"]);
	});

	test("is counted by samples when there is much of it, in proportion", async () => {
		const demand = start();
		const counter = createMemoryPopularity({ clock: createTestClock() });
		const counts: number[] = [];
		const sampling = start({ ...counter, add: async (added) => void counts.push(...added.values()) });
		for (let index = 0; index < 81_000; index += 1) sampling.asked(flat(40 + (index % 3)), TODAY);
		await sampling.flush();
		expect(counts.reduce((sum, one) => sum + one, 0)).toBe(81_000);
		expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.1);
		await demand.flush();
	});

	test("does not grow without bound, whatever is asked", async () => {
		let added = 0;
		const demand = start({
			async add(counts) {
				added = counts.size;
			},
			top: async () => [],
		});
		for (let index = 0; index < 400_000; index += 1) demand.asked(flat(index), TODAY);
		await demand.flush();
		expect(added).toBeLessThanOrEqual(20_000);
	});

	test("is no matter where the counter is out of reach, and nobody waits for one that hangs", async () => {
		const down = start({
			add: () => Promise.reject(new Error("down")),
			top: () => Promise.reject(new Error("down")),
		});
		down.asked(flat(40), TODAY);
		await down.flush();
		expect(await down.top(5)).toEqual([]);
		const begun = performance.now();
		const hanging = start({ add: async () => {}, top: () => new Promise(() => {}) });
		expect(await hanging.top(5)).toEqual([]);
		expect(performance.now() - begun).toBeLessThan(4_000);
	});

	test("is wanted after the lists; every server begins elsewhere among what is about equally wanted", async () => {
		const demand = start();
		for (let size = 0; size < 500; size += 1)
			for (let time = size; time < 500; time += 1) demand.asked(flat(size), TODAY);
		await demand.flush();
		const sizes = async (random: number) => {
			const requests = await wantedRequests(demand, 450, () => random);
			expect(requests.slice(0, 6).every(({ method }) => method === "GET")).toBe(true);
			return Promise.all(
				requests.slice(6).map(async (request) => ((await request.json()) as { size_sqm: number }).size_sqm),
			);
		};
		const [one, other] = [await sizes(0), await sizes(0.5)];
		expect(one).toHaveLength(450);
		expect(other[0]).toBe(one[100]);
		expect(other.toSorted((a, b) => a - b)).toEqual(one.toSorted((a, b) => a - b));
		expect(await wantedRequests(demand, 0)).toHaveLength(6);
	});
});
