import { describe, expect, test } from "bun:test";
import { createBoarding } from "../../src/cache/boarding.ts";
import { createFlights } from "../../src/cache/flight.ts";

function subject() {
	const flights = createFlights<string>();
	const board = createBoarding(flights);
	const departed: string[] = [];
	const never = new Promise<void>(() => {});
	const come = (name: string, admit: () => void | Promise<void>) =>
		board("key", admit, () => {
			departed.push(name);
			return flights.start("key", { outcome: Promise.resolve(name), landed: never });
		}).then(
			async ({ flight, joined }) => ({ has: await flight.outcome, joined }),
			(error: Error) => error.message,
		);
	return { come, departed };
}

describe("callers who want the same", () => {
	test("go at once where nobody has to be asked for leave", async () => {
		const { come, departed } = subject();
		const all = [come("a", () => {}), come("b", () => {})];
		expect(departed).toEqual(["a"]);
		expect(await Promise.all(all)).toEqual([
			{ has: "a", joined: false },
			{ has: "a", joined: true },
		]);
	});

	test("wait for the one who asks for leave, and none of the others is charged", async () => {
		const { come, departed } = subject();
		const leave = Promise.withResolvers<void>();
		let asked = 0;
		const admit = () => {
			asked += 1;
			return leave.promise;
		};
		const all = ["a", "b", "c"].map((name) => come(name, admit));
		leave.resolve();
		expect((await Promise.all(all)).map((answer) => answer)).toEqual([
			{ has: "a", joined: false },
			{ has: "a", joined: true },
			{ has: "a", joined: true },
		]);
		expect(asked).toBe(1);
		expect(departed).toEqual(["a"]);
	});

	test("ask one after the other while they are refused", async () => {
		const { come, departed } = subject();
		const refused = async () => {
			throw new Error("too many");
		};
		const all = [come("a", refused), come("b", refused), come("c", async () => {}), come("d", refused)];
		expect(await Promise.all(all)).toEqual([
			"too many",
			"too many",
			{ has: "c", joined: false },
			{ has: "c", joined: true },
		]);
		expect(departed).toEqual(["c"]);
	});

	test("are not held up by one whose asking throws at once", async () => {
		const { come } = subject();
		const thrown = come("a", () => {
			throw new Error("too many");
		});
		expect(await thrown).toBe("too many");
		expect(await come("b", () => {})).toEqual({ has: "b", joined: false });
	});
});
