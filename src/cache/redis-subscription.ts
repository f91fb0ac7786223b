import type { Redis } from "ioredis";
import { withinMs } from "./deadline.ts";

export interface SubscriptionOptions {
	/** A connection for this alone. */
	client: Redis;
	channel: string;
	onMessage(text: string): void;
	/** From now on everything is heard; before, something may have been missed. */
	onSubscribed(): void;
	/** How often the link is tried; milliseconds. */
	pingMs: number;
	/** How long Redis may be silent when it is asked something; milliseconds. */
	silenceMs: number;
}

export interface Subscription {
	/** False from the moment that the link is known to be lost until it is subscribed anew. */
	readonly live: boolean;
	/** Ends the connection. */
	close(): void;
}

/**
 * Stays subscribed over lost links. A link whose other end went silent without closing it looks alive to TCP for
 * minutes, so it is pinged, and given up when nothing comes back.
 */
export function keepSubscribed(options: SubscriptionOptions): Subscription {
	const { client, channel, pingMs, silenceMs } = options;
	let live = false;
	let asking = false;
	let timer: ReturnType<typeof setInterval> | undefined;

	// The client's own way of subscribing anew leaves a failure to nobody, and does not say when it is done.
	client.options.autoResubscribe = false;
	client.on("message", hear);
	client.on("ready", begin);
	client.on("close", end);
	client.on("error", ignore);
	if (client.status === "ready") begin();

	function hear(from: string, text: string): void {
		if (from === channel) options.onMessage(text);
	}

	function begin(): void {
		end();
		timer = setInterval(() => void ask(), pingMs);
		timer.unref?.();
		void ask();
	}

	function end(): void {
		live = false;
		clearInterval(timer);
	}

	async function ask(): Promise<void> {
		if (asking) return;
		asking = true;
		try {
			await withinMs(silenceMs, "redis", live ? ping() : subscribe());
		} catch (error) {
			// An error reply, to a subscription that is not allowed for example: the link is good, and time may help.
			if (isReply(error)) return;
			live = false;
			if (client.status === "ready") client.disconnect(true);
		} finally {
			asking = false;
		}
	}

	async function ping(): Promise<void> {
		await client.ping();
	}

	async function subscribe(): Promise<void> {
		const link = client.stream;
		await client.subscribe(channel);
		if (client.stream !== link || client.status !== "ready") return;
		options.onSubscribed();
		live = true;
	}

	return {
		get live() {
			return live;
		},
		close() {
			end();
			client.off("message", hear);
			client.off("ready", begin);
			client.off("close", end);
			client.disconnect();
		},
	};
}

function isReply(error: unknown): boolean {
	return error instanceof Error && error.name === "ReplyError";
}

function ignore(): void {}
