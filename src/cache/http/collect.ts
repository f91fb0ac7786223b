import type { Filled, Lifetime } from "../answer.ts";
import { NEVER_KEPT } from "../entry.ts";
import type { RefusalReason } from "../events.ts";
import type { Policy } from "../policy.ts";
import { entityTag } from "./conditional.ts";
import { compressed, Undecodable } from "./encoding.ts";
import { type Collected, relay } from "./relay.ts";
import { isEventStream, judge } from "./storable.ts";

export interface Collect {
	readonly policy: Policy;
	/** Names of request headers that are in the key besides those of the policy, in lower case. */
	readonly varyKnown: ReadonlySet<string>;
	/** Milliseconds since the epoch. */
	readonly now: number;
	/** Ends the collecting. */
	readonly signal: AbortSignal;
}

/** A body that is not whole by then is sent on while it is collected; milliseconds. */
const WHOLE_WITHIN_MS = 10;

/**
 * What a handler's answer is to the cache: something to store and share, the asker's own, or a failure.
 *
 * @throws what the answer's body broke off with.
 */
export async function collect(response: Response, collecting: Collect): Promise<Filled<Response>> {
	const { policy, varyKnown, now } = collecting;
	const { status, headers } = response;
	if (isEventStream(headers)) return own(response, "event-stream");
	if (status >= 500) return failed(response, collecting);
	const judgement = judge(policy, { status, headers, varyKnown, now });
	if (!judgement.store) return own(response, judgement.reason);
	const declared = Number(headers.get("content-length") ?? 0);
	if (declared > policy.maxEntryBytes) return own(response, "too-large");
	if (!response.body) return keep(response, new Uint8Array(), collecting, judgement.lifetime);
	return collectBody(response, response.body, collecting, judgement.lifetime);
}

async function collectBody(
	response: Response,
	body: ReadableStream<Uint8Array>,
	collecting: Collect,
	lifetime: Lifetime,
): Promise<Filled<Response>> {
	const { policy } = collecting;
	const relayed = relayUntil(collecting.signal, body, policy.maxEntryBytes);
	const end = relayed.collected;
	const soon = await within(end, WHOLE_WITHIN_MS);
	if (soon instanceof Uint8Array) return keep(response, soon, collecting, lifetime);

	const result = new Response(relayed.stream(), response);
	if (soon !== "later") return own(result, "too-large");
	// Those who wait for it can be kept waiting no longer than for any other answer.
	const patience = setTimeout(() => relayed.giveUp(), policy.timeout * 1000 - WHOLE_WITHIN_MS);
	const later = end
		.finally(() => clearTimeout(patience))
		.then((came) => {
			if (came instanceof Uint8Array) return keep(response, came, collecting, lifetime);
			return own(result, came === "too-large" ? came : "streaming");
		});
	return { ...own(result, "streaming"), later };
}

type Own = Filled<Response> & { kind: "own" };
type Kept = Filled<Response> & { kind: "answer" };

function own(result: Response, reason: RefusalReason): Own {
	return { kind: "own", result, reason };
}

/** An answer whose body is whole. */
async function keep(
	response: Response,
	bytes: Uint8Array,
	{ policy }: Collect,
	lifetime: Lifetime,
): Promise<Own | Kept> {
	const { status, headers } = response;
	try {
		const { plain, ...stored } = await compressed(bytes, headers, policy.maxEntryBytes);
		const etag = entityTag(plain, headers.get("etag"));
		const kept = keptHeaders(headers, ["content-encoding", "etag"]);
		return { kind: "answer", answer: { status, headers: kept, etag, ...stored }, lifetime };
	} catch (error) {
		if (!(error instanceof Undecodable)) throw error;
		return own(new Response(bytes as BodyInit, response), error.reason);
	}
}

/** One failure is told to all who wait, so nothing in it may be meant for one. */
async function failed(response: Response, { policy, signal }: Collect): Promise<Filled<Response>> {
	const { status } = response;
	let whole: Uint8Array | undefined = new Uint8Array();
	if (response.body) {
		const relayed = relayUntil(signal, response.body, policy.maxEntryBytes);
		const came = await relayed.collected.catch(() => undefined);
		if (came === "too-large") await relayed.stream().cancel();
		whole = came instanceof Uint8Array ? came : undefined;
	}
	const headers = keptHeaders(response.headers, whole ? [] : ["content-type", "content-encoding"]);
	const body = whole ?? new Uint8Array();
	return { kind: "failed", status, answer: { status, headers, body, length: body.byteLength } };
}

function relayUntil(signal: AbortSignal, body: ReadableStream<Uint8Array>, maxBytes: number) {
	const relayed = relay(body, maxBytes);
	const breakOff = () => relayed.breakOff(signal.reason);
	const collected: Promise<Collected> = relayed.collected.finally(() =>
		signal.removeEventListener("abort", breakOff),
	);
	collected.catch(() => {});
	signal.addEventListener("abort", breakOff, { once: true });
	if (signal.aborted) breakOff();
	return { ...relayed, collected };
}

function keptHeaders(headers: Headers, besides: readonly string[]): [string, string][] {
	// RFC 9110 section 7.6.1: what Connection names is meant for the next hop.
	const forNextHop = (headers.get("connection") ?? "").toLowerCase().split(/[\s,]+/);
	const dropped = new Set([...NEVER_KEPT, ...forNextHop, ...besides]);
	return [...headers].filter(([name]) => !dropped.has(name));
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | "later"> {
	const { promise: late, resolve } = Promise.withResolvers<"later">();
	const timer = setTimeout(() => resolve("later"), ms);
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}
