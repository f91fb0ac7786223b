import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Redis } from "ioredis";
import type { Bus } from "../../src/cache/bus.ts";
import { createBusCodec } from "../../src/cache/bus-message.ts";
import { createRedisBus, type RedisBusOptions } from "../../src/cache/redis-bus.ts";
import { connectRedis } from "../../src/cache/redis-connection.ts";
import { eventually } from "./support/eventually.ts";
import { createTestRedis, type TestRedis } from "./support/redis.ts";

describe("what is said on the bus", () => {
	const message = { from: "somebody", topic: "purged-tags", items: ["a", "b", "ü 🏠 \0"] };

	test("is a line of JSON that comes out as it went in", () => {
		const { encode, decode } = createBusCodec("c");
		const [text = ""] = encode(message);
		expect(JSON.parse(text)).toEqual({ v: 1, ...message });
		expect(decode(text)).toEqual(message);
	});

	test("is split when it is long, and nothing is lost", () => {
		const { encode, decode } = createBusCodec("c", ["key"]);
		const many = Array.from({ length: 1_234 }, (_, index) => `tag:${index}`);
		const long = Array.from({ length: 100 }, (_, index) => `${index}${"\u0001".repeat(4_000)}`);
		for (const items of [many, long]) {
			const texts = encode({ ...message, items });
			expect(texts.length).toBeGreaterThan(2);
			const decoded = texts.map(decode);
			expect(decoded.flatMap((one) => (typeof one === "string" ? [one] : one.items))).toEqual(items);
		}
	});

	test("has no items that nobody would take", () => {
		const { encode } = createBusCodec("c");
		expect(() => encode({ ...message, items: ["x".repeat(5_000)] })).toThrow(RangeError);
	});

	for (const [text, why] of [
		["", "malformed"],
		["{", "malformed"],
		["null", "malformed"],
		["[]", "foreign-version"],
		['{"v":2,"from":"x","topic":"t","items":[]}', "foreign-version"],
		['{"v":1,"topic":"t","items":[]}', "malformed"],
		['{"v":1,"from":{},"topic":"t","items":[]}', "malformed"],
		['{"v":1,"from":"x","topic":"a b","items":[]}', "malformed"],
		['{"v":1,"from":"x","topic":"t","items":"a"}', "malformed"],
		['{"v":1,"from":"x","topic":"t","items":{"length":1,"0":"a"}}', "malformed"],
		['{"v":1,"from":"x","topic":"t","items":[1]}', "malformed"],
		[`{"v":1,"from":"x","topic":"t","items":["${"a".repeat(5_000)}"]}`, "malformed"],
		[JSON.stringify({ v: 1, from: "x", topic: "t", items: Array(501).fill("a") }), "malformed"],
		[`{"v":1,"from":"x","topic":"t","items":[],"more":"${"a".repeat(500_000)}"}`, "too-large"],
	] as const) {
		test(`is ignored: ${text.slice(0, 60) || "(nothing)"}`, () => {
			expect(createBusCodec("c").decode(text)).toBe(why);
		});
	}

	test("with a key is taken only signed, by one of the keys, unchanged, and from its own channel", () => {
		const decode = (text: string) => createBusCodec("c", ["new", "old"]).decode(text);
		const encode = (...keys: string[]) => createBusCodec("c", keys).encode(message)[0] ?? "";
		expect(decode(encode("old", "other"))).toEqual(message);
		expect(decode(encode("new"))).toEqual(message);
		expect(decode(encode("other", "old"))).toBe("not-signed");
		expect(decode(encode())).toBe("not-signed");
		expect(decode(encode("new").replace('"a","b"', '"ab",""'))).toBe("not-signed");
		expect(decode(encode("new").replace("purged-tags", "evicted-keys"))).toBe("not-signed");
		expect(decode(encode("new").replace(/"sig":".*"/, '"sig":1'))).toBe("not-signed");
		expect(decode(createBusCodec("d", ["new"]).encode(message)[0] ?? "")).toBe("not-signed");
	});
});

describe("the bus over Redis", () => {
	let redis: TestRedis;
	const clients: Redis[] = [];
	const buses: Bus[] = [];
	beforeAll(async () => {
		redis = await createTestRedis();
	});
	afterEach(async () => {
		redis.thaw();
		for (const bus of buses.splice(0)) await bus.close();
		for (const client of clients.splice(0)) client.disconnect();
	});
	afterAll(async () => {
		await redis.stop();
	});

	function connect(): Redis {
		const client = connectRedis({ host: "127.0.0.1", port: redis.port });
		clients.push(client);
		return client;
	}

	async function join(options: Partial<RedisBusOptions> = {}) {
		const [publisher, subscriber] = [connect(), connect()];
		const bus = createRedisBus({ publisher, subscriber, ...options });
		buses.push(bus);
		const heard: string[] = [];
		const state = { gaps: 0 };
		bus.on("t", (items) => heard.push(...items));
		bus.onGap(() => {
			state.gaps += 1;
		});
		await eventually(() => bus.connected && publisher.status === "ready");
		state.gaps = 0;
		return { bus, heard, state, publisher, subscriber };
	}

	test("42: what one says all others hear, within 100 ms; itself does not", async () => {
		const [a, b, c] = [await join(), await join(), await join()];
		const startedAt = performance.now();
		await a.bus.publish("t", ["x", "y"]);
		await eventually(() => b.heard.length === 2 && c.heard.length === 2, 100);
		expect(performance.now() - startedAt).toBeLessThan(100);
		expect([a.heard, b.heard, c.heard]).toEqual([[], ["x", "y"], ["x", "y"]]);
	});

	test("who does not listen to a topic, or no longer, hears nothing of it", async () => {
		const [a, b] = [await join(), await join()];
		const other: string[] = [];
		const stop = b.bus.on("t2", (items) => other.push(...items));
		await a.bus.publish("t2", ["1"]);
		await eventually(() => other.length === 1);
		stop();
		await a.bus.publish("t2", ["2"]);
		await a.bus.publish("t", ["end"]);
		await eventually(() => b.heard.length === 1);
		expect(other).toEqual(["1"]);
		expect(b.heard).toEqual(["end"]);
	});

	test("a long list arrives whole", async () => {
		const [a, b] = [await join(), await join()];
		const items = Array.from({ length: 2_345 }, (_, index) => `item ${index}`);
		await a.bus.publish("t", items);
		await eventually(() => b.heard.length === items.length);
		expect(b.heard).toEqual(items);
	});

	test("channels are apart", async () => {
		const [a, b, c] = [
			await join({ channel: "one" }),
			await join({ channel: "one" }),
			await join({ channel: "two" }),
		];
		await a.bus.publish("t", ["x"]);
		await eventually(() => b.heard.length === 1);
		await Bun.sleep(20);
		expect(c.heard).toEqual([]);
	});

	test("what cannot be read or is not signed is ignored and counted", async () => {
		const ignored: string[] = [];
		const signingKeys = ["a key"];
		const a = await join({ signingKeys, onIgnored: (why) => ignored.push(why) });
		const b = await join({ signingKeys });
		const stranger = await join();
		await a.publisher.publish("retyn:bus", "rubbish");
		await a.publisher.publish("retyn:bus", Buffer.from([0xff, 0xfe, 0x00]));
		await stranger.bus.publish("t", ["made up"]);
		await b.bus.publish("t", ["true"]);
		await eventually(() => a.heard.length === 1);
		expect(a.heard).toEqual(["true"]);
		expect(ignored).toEqual(["malformed", "malformed", "not-signed"]);
	});

	test("43: a link that was cut is made again, and the gap is told", async () => {
		const [a, b] = [await join(), await join()];
		await a.publisher.client("KILL", "TYPE", "PUBSUB");
		await eventually(() => !b.bus.connected, 500);
		expect(b.state.gaps).toBe(0);
		await eventually(() => b.bus.connected, 2_000);
		expect(b.state.gaps).toBe(1);
		await eventually(() => a.bus.connected, 2_000);
		await a.bus.publish("t", ["after"]);
		await eventually(() => b.heard.length === 1);
	});

	test("43: a link whose other end is silent is found out, and made again", async () => {
		const { bus, state, subscriber } = await join({ pingMs: 50, silenceMs: 50 });
		let closed = 0;
		subscriber.on("close", () => {
			closed += 1;
		});
		redis.freeze();
		await eventually(() => !bus.connected && closed > 0, 500);
		await expect(bus.publish("t", ["x"])).rejects.toThrow();
		redis.thaw();
		await eventually(() => bus.connected, 5_000);
		expect(state.gaps).toBe(1);
	});

	test("a publication that gets no answer fails in time", async () => {
		const { bus } = await join({ silenceMs: 50 });
		redis.freeze();
		const startedAt = performance.now();
		await expect(bus.publish("t", ["x"])).rejects.toThrow("no answer within 50 ms");
		expect(performance.now() - startedAt).toBeLessThan(150);
	});

	test("a subscription that is not allowed is tried again on the same link", async () => {
		const admin = connect();
		await eventually(() => admin.status === "ready");
		await admin.acl("SETUSER", "default", "-subscribe");
		const [publisher, subscriber] = [connect(), connect()];
		const bus = createRedisBus({ publisher, subscriber, pingMs: 20 });
		buses.push(bus);
		let closes = 0;
		subscriber.on("close", () => {
			closes += 1;
		});
		await eventually(() => subscriber.status === "ready");
		await Bun.sleep(100);
		expect(bus.connected).toBe(false);
		expect(closes).toBe(0);
		await admin.acl("SETUSER", "default", "+subscribe");
		await eventually(() => bus.connected);
	});

	test("begins when Redis appears", async () => {
		const late = await createTestRedis({ started: false });
		const options = { host: "127.0.0.1", port: late.port };
		const [publisher, subscriber] = [connectRedis(options), connectRedis(options)];
		clients.push(publisher, subscriber);
		const bus = createRedisBus({ publisher, subscriber });
		buses.push(bus);
		expect(bus.connected).toBe(false);
		await expect(bus.publish("t", ["x"])).rejects.toThrow();
		await late.start();
		await eventually(() => bus.connected, 2_000);
		await bus.close();
		publisher.disconnect();
		await late.stop();
	});
});
