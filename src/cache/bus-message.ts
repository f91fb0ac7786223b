import { createSigner } from "./signature.ts";

/** What one instance says to the others. */
export interface BusMessage {
	/** Whoever sent it; random, one for each instance. */
	readonly from: string;
	readonly topic: string;
	readonly items: readonly string[];
}

export interface BusCodec {
	/** As many texts as it takes. @throws {RangeError} on an item that no receiver would take */
	encode(message: BusMessage): string[];
	/** The message, or why it is ignored. Never throws. */
	decode(text: string): BusMessage | Ignored;
}

export type Ignored = "too-large" | "malformed" | "foreign-version" | "not-signed";

const VERSION = 1;
const MAX_ITEMS = 500;
const MAX_ITEM_CHARS = 4_096;
/** Of the items in one message, before JSON escapes them; one character may become six. */
const MAX_CHARS = 64 * 1024;
const MAX_TEXT = 6 * MAX_CHARS + 8 * MAX_ITEMS + 1_024;
const NAME = /^[\w-]{1,64}$/;

/**
 * One line of JSON: `{"v":1,"from":…,"topic":…,"items":[…]}`, with `"sig"` where there are signing keys. Anybody who can
 * publish in Redis can be the author of what is decoded here.
 */
export function createBusCodec(channel: string, signingKeys: readonly string[] = []): BusCodec {
	const signer = signingKeys.length > 0 ? createSigner(signingKeys) : undefined;
	const signed = ({ from, topic, items }: BusMessage) => ["bus", channel, from, topic, ...items];

	return {
		encode({ from, topic, items }) {
			return chunks(items).map((some) => {
				const message = { from, topic, items: some };
				const sig = signer?.sign(...signed(message));
				return JSON.stringify({ v: VERSION, ...message, ...(sig && { sig }) });
			});
		},
		decode(text) {
			if (text.length > MAX_TEXT) return "too-large";
			const read = parse(text);
			if (!read) return "malformed";
			if (read.v !== VERSION) return "foreign-version";
			const { from, topic, items, sig } = read;
			if (!isName(from) || !isName(topic) || !isItems(items)) return "malformed";
			const message = { from, topic, items };
			if (!signer) return message;
			return typeof sig === "string" && signer.verify(sig, ...signed(message)) ? message : "not-signed";
		},
	};
}

function parse(text: string): Partial<Record<string, unknown>> | undefined {
	try {
		const read: unknown = JSON.parse(text);
		return typeof read === "object" && read !== null ? (read as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}

function isName(value: unknown): value is string {
	return typeof value === "string" && NAME.test(value);
}

function isItems(value: unknown): value is string[] {
	return (
		Array.isArray(value) &&
		value.length <= MAX_ITEMS &&
		value.every((item) => typeof item === "string" && item.length <= MAX_ITEM_CHARS)
	);
}

function chunks(items: readonly string[]): string[][] {
	const all: string[][] = [];
	let chars = Number.POSITIVE_INFINITY;
	for (const item of items) {
		if (item.length > MAX_ITEM_CHARS) {
			throw new RangeError(`The bus takes items of up to ${MAX_ITEM_CHARS} characters`);
		}
		const last = all.at(-1);
		chars += item.length;
		if (last && last.length < MAX_ITEMS && chars <= MAX_CHARS) {
			last.push(item);
		} else {
			all.push([item]);
			chars = item.length;
		}
	}
	return all;
}
