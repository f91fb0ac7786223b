import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../src/lib/logger.ts";
import { createWarmer } from "../../src/warming/warmer.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";

/** A warmer whose answers a test gives itself. */
function setUp(count: number, status = (_: number) => 200) {
	const asked: PromiseWithResolvers<Response>[] = [];
	const rounds = { listed: 0 };
	const warmer = createWarmer({
		async requests() {
			rounds.listed += 1;
			return Array.from({ length: count }, (_, index) => new Request(`http://localhost/${index}`));
		},
		fetch() {
			const answer = Promise.withResolvers<Response>();
			asked.push(answer);
			return answer.promise;
		},
		clock: createTestClock(),
		logger: silentLogger,
		settleMs: 1,
	});
	const answer = async (upTo: number) => {
		for (let index = 0; index < upTo; index += 1) {
			await eventually(() => asked.length > index);
			asked[index]?.resolve(new Response("", { status: status(index) }));
		}
	};
	return { warmer, asked, rounds, answer };
}

describe("warming", () => {
	test("tells how far it is: waiting, running, done", async () => {
		const { warmer, answer } = setUp(5, (index) => (index === 2 ? 422 : 200));
		expect(warmer.state).toEqual({ state: "waiting", warmed: 0, failed: 0 });
		const warming = warmer.warm();
		await answer(2);
		await eventually(() => warmer.state.warmed === 2);
		expect(warmer.state).toMatchObject({ state: "running", total: 5 });
		await answer(5);
		expect(await warming).toMatchObject({ warmed: 4, failed: 1 });
		expect(warmer.state).toEqual({ state: "done", warmed: 4, failed: 1, total: 5 });
	});

	test("has few requests under way at once, and never two warmings", async () => {
		const { warmer, asked, rounds, answer } = setUp(10);
		const both = [warmer.warm(), warmer.warm()];
		await eventually(() => asked.length === 3);
		await answer(10);
		await Promise.all(both);
		expect(rounds.listed).toBe(1);
		expect(asked).toHaveLength(10);
	});

	test("begins anew after a change, once for many, and not before the one under way is over", async () => {
		const { warmer, asked, rounds, answer } = setUp(4);
		const first = warmer.warm();
		for (let time = 0; time < 20; time += 1) warmer.changed();
		await eventually(() => asked.length === 3);
		expect(rounds.listed).toBe(1);
		await answer(4);
		await first;
		await eventually(() => rounds.listed === 2);
		await answer(8);
		await eventually(() => warmer.state.state === "done");
		expect(asked).toHaveLength(8);
	});

	test("is over where the list cannot be had, and ends with what is under way when it is stopped", async () => {
		const broken = createWarmer({
			requests: () => Promise.reject(new Error("none")),
			fetch: () => new Response(),
			clock: createTestClock(),
			logger: silentLogger,
		});
		expect(await broken.warm()).toMatchObject({ warmed: 0, failed: 0 });
		expect(broken.state.state).toBe("done");
		const { warmer, asked, answer } = setUp(10);
		const warming = warmer.warm();
		await eventually(() => asked.length === 3);
		warmer.stop();
		await answer(3);
		await warming;
		expect(asked).toHaveLength(3);
	});
});
