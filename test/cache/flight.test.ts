import { expect, test } from "bun:test";
import { createFlights, type Flight } from "../../src/cache/flight.ts";

function flying(): Flight<string> & { land(): Promise<void> } {
	const landing = Promise.withResolvers<void>();
	return {
		outcome: Promise.resolve("made"),
		landed: landing.promise,
		async land() {
			landing.resolve();
			await Bun.sleep(0);
		},
	};
}

test("22: a flight can be joined until it has landed", async () => {
	const flights = createFlights<string>();
	const flight = flying();
	flights.start("k", flight);
	await flight.outcome;
	expect(flights.get("k")).toBe(flight);
	await flight.land();
	expect(flights.get("k")).toBeUndefined();
});

test("42: one that was dropped and lands later leaves the next one alone", async () => {
	const flights = createFlights<string>();
	const [first, second] = [flying(), flying()];
	flights.start("k", first);
	flights.drop();
	expect(flights.get("k")).toBeUndefined();
	flights.start("k", second);
	await first.land();
	expect(flights.get("k")).toBe(second);
	await second.land();
	await flights.settled();
});

test("42: only those that are meant are dropped", () => {
	const flights = createFlights<string>();
	const [first, second] = [flying(), flying()];
	flights.start("a", first);
	flights.start("b", second);
	flights.drop((key) => key === "a");
	expect(flights.get("a")).toBeUndefined();
	expect(flights.get("b")).toBe(second);
});
