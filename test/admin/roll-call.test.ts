import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createRollCall } from "../../src/admin/roll-call.ts";
import type { Bus } from "../../src/cache/index.ts";
import { openRedisBackend } from "../../src/cache/redis.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { createTestRedis, type TestRedis } from "../cache/support/redis.ts";

let redis: TestRedis;
beforeAll(async () => {
	redis = await createTestRedis();
});
afterAll(() => redis.stop());

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
	await Promise.all(opened.splice(0).map((backend) => backend.close()));
});

async function openBus(port = redis.port): Promise<Bus> {
	const backend = openRedisBackend({
		redis: { host: "127.0.0.1", port, password: undefined },
		memoryBytes: 0,
		clock: createTestClock(),
		deadlineMs: 1_000,
	});
	opened.push(backend);
	if (port === redis.port) await eventually(() => backend.bus.connected);
	return backend.bus;
}

async function present(instance: string, answer: () => unknown = () => instance) {
	return createRollCall({ bus: await openBus(), instance, topic: "here", answer, waitMs: 500 });
}

describe("a roll call", () => {
	test("is answered by every instance, by the one that asks first", async () => {
		const one = await present("one");
		await present("two", () => ({ long: "x".repeat(50_000) }));
		await present("three", () => null);
		const [first, ...others] = await one.ask();
		expect(first).toEqual({ instance: "one", answer: "one" });
		expect(others.toSorted((a, b) => a.instance.localeCompare(b.instance))).toEqual([
			{ instance: "three", answer: null },
			{ instance: "two", answer: { long: "x".repeat(50_000) } },
		]);
	});

	test("under way is shared by all who ask", async () => {
		let asked = 0;
		const one = await present("one");
		await present("two", () => {
			asked += 1;
			return asked;
		});
		const [answers, same] = await Promise.all([one.ask(), one.ask()]);
		expect(same).toBe(answers);
		expect(asked).toBe(1);
		await one.ask();
		expect(asked).toBe(2);
	});

	test("does without an instance that cannot say anything", async () => {
		const one = await present("one");
		await present("two", () => {
			throw new Error("out of order");
		});
		await present("three", () => 1n);
		expect(await one.ask()).toEqual([{ instance: "one", answer: "one" }]);
	});

	test("takes no answer that is malformed, late, or that somebody gives in another's name", async () => {
		const one = await present("one");
		const bus = await openBus();
		let late: string | undefined;
		bus.on("here", ([id]) => {
			late = `here-${id}`;
			void bus.publish(late, ["two 0/1 {", "nonsense", "", "one 0/1 2", "three 0/2 3", "four 0/1 4"]);
		});
		const answers = await one.ask();
		expect(answers).toEqual([
			{ instance: "one", answer: "one" },
			{ instance: "four", answer: 4 },
		]);
		await bus.publish(late ?? "", ["five 0/1 5"]);
		expect(answers).toHaveLength(2);
	});

	test("is answered to nobody who asks by what is no id", async () => {
		await present("one");
		const bus = await openBus();
		const heard: unknown[] = [];
		bus.on("here-x", (items) => heard.push(items));
		await bus.publish("here", ["x"]);
		await bus.publish("here", []);
		// What is said on one connection is heard in that order: an id that is one comes after those.
		const id = crypto.randomUUID();
		let answered = false;
		bus.on(`here-${id}`, () => {
			answered = true;
		});
		await bus.publish("here", [id]);
		await eventually(() => answered);
		expect(heard).toEqual([]);
	});

	test("alone, or with nobody to be reached, is answered by the one that asks", async () => {
		const alone = createRollCall({ instance: "one", topic: "here", answer: () => 1 });
		expect(await alone.ask()).toEqual([{ instance: "one", answer: 1 }]);
		const bus = await openBus(await freePort());
		const cutOff = createRollCall({ bus, instance: "one", topic: "here", answer: () => 1 });
		expect(await cutOff.ask()).toEqual([{ instance: "one", answer: 1 }]);
	});
});
