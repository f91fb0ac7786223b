import { randomUUID } from "node:crypto";
import type { Cluster, Redis } from "ioredis";
import type { Bus } from "./bus.ts";
import { createBusCodec, type Ignored } from "./bus-message.ts";
import { withinMs } from "./deadline.ts";
import { keepSubscribed } from "./redis-subscription.ts";

export interface RedisBusOptions {
	/** Publishes, and may do other work beside. */
	publisher: Redis | Cluster;
	/** A connection for this alone; `close` ends it. */
	subscriber: Redis;
	/** Instances on other channels are not heard. Default "retyn:bus". */
	channel?: string | undefined;
	/** Messages are signed with the first and taken with any; all others are then ignored. */
	signingKeys?: readonly string[] | undefined;
	/** Called for each message that is not taken. Must not throw. */
	onIgnored?: ((why: Ignored) => void) | undefined;
	/** How often the link is tried; milliseconds. Default 1,000. */
	pingMs?: number;
	/** How long Redis may be silent when it is asked something; milliseconds. Default 500. */
	silenceMs?: number;
}

/** A bus over Redis Pub/Sub, which keeps nothing: whoever is not subscribed at the moment misses the message. */
export function createRedisBus(options: RedisBusOptions): Bus {
	const { publisher, subscriber, channel = "retyn:bus", pingMs = 1_000, silenceMs = 500 } = options;
	const instance = randomUUID();
	const codec = createBusCodec(channel, options.signingKeys);
	const listeners = new Map<string, Set<(items: readonly string[]) => void>>();
	const gapListeners = new Set<() => void>();
	const subscription = keepSubscribed({
		client: subscriber,
		channel,
		pingMs,
		silenceMs,
		onMessage: hear,
		onSubscribed() {
			for (const listener of gapListeners) listener();
		},
	});

	function hear(text: string): void {
		const message = codec.decode(text);
		if (typeof message === "string") {
			options.onIgnored?.(message);
			return;
		}
		if (message.from === instance) return;
		for (const listener of listeners.get(message.topic) ?? []) listener(message.items);
	}

	return {
		async publish(topic, items) {
			const sent = codec
				.encode({ from: instance, topic, items })
				.map((text) => publisher.publish(channel, text));
			await withinMs(silenceMs, "redis bus", Promise.all(sent));
		},
		on(topic, listener) {
			const set = listeners.get(topic) ?? new Set();
			listeners.set(topic, set.add(listener));
			return () => void set.delete(listener);
		},
		onGap(listener) {
			gapListeners.add(listener);
			return () => void gapListeners.delete(listener);
		},
		get connected() {
			return subscription.live;
		},
		async close() {
			subscription.close();
			listeners.clear();
			gapListeners.clear();
		},
	};
}
