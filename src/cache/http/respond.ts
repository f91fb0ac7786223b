import type { Entry } from "../entry.ts";
import type { Policy } from "../policy.ts";
import type { Awaitable } from "../store.ts";
import { entryCacheControl, isTargeted, joinedNames, variedBy } from "./client-caching.ts";
import { encodedTag, notModified, type Selected } from "./conditional.ts";
import { acceptsGzip } from "./encoding.ts";
import { createPlainBody } from "./plain-body.ts";

/** What differs from one who asks to the next. */
export interface Told {
	/** See `validatedHeaders`; the same for all who ask for an entry. */
	validated(): readonly string[];
	/** Whole seconds since it was stored. */
	readonly ageS: number;
	/** See `cacheStatusOf`. */
	readonly cacheStatus: string;
}

/**
 * Sends an entry in the coding that the client accepts, or 304 if it has it already. Only where stored bytes have to be
 * decompressed for the client is the answer not there at once.
 *
 * @throws {Undecodable} (rejects) for stored bytes that are broken; the entry is then worth nothing.
 */
export type Respond = (
	entry: Entry,
	request: { readonly method: string; readonly headers: Headers },
	told: Told,
) => Awaitable<Response>;

/** For all entries of one policy. */
export function createRespond(policy: Policy): Respond {
	// A store in memory gives the same entry again and again.
	const lasting = new WeakMap<Entry, Lasting>();
	const plainBody = createPlainBody(policy.maxEntryBytes);

	function lastingOf(entry: Entry, told: Told): Lasting {
		const known = lasting.get(entry);
		if (known) return known;
		const made = { fields: fieldsFor(entry, policy, told.validated()), ready: new Map() };
		lasting.set(entry, made);
		return made;
	}

	return function respond(entry, { method, headers: asked }, told) {
		const { ageS, cacheStatus } = told;
		const coding = entry.coding && acceptsGzip(asked.get("accept-encoding")) ? entry.coding : undefined;
		const { fields, ready } = lastingOf(entry, told);
		// RFC 9110 section 8.8: what answers a POST is no representation of what its address names.
		const form: Form = method === "POST" ? (coding ? "POST gzip" : "POST") : coding ? "gzip" : "plain";
		let made = ready.get(form);
		if (made?.ageS !== ageS || made.cacheStatus !== cacheStatus) {
			made = readyFor(entry, fields, form, told);
			ready.set(form, made);
		}
		if (notModified(method, asked, made.selected)) {
			return new Response(null, { status: 304, headers: only(made.init.headers, SENT_WITH_304) });
		}
		const { init } = made;
		if (method === "HEAD") return responseOf(null, init);
		const body = entry.coding === coding ? entry.body : plainBody(entry);
		return body instanceof Promise ? body.then((plain) => responseOf(plain, init)) : responseOf(body, init);
	};
}

/**
 * An answer with headers of its own. The Fetch standard copies those it is given; @hono/node-server's `Response` takes them as
 * they are, and what somebody did to one answer's would be in the next one's.
 */
function responseOf(body: Uint8Array | null, init: Ready["init"]): Response {
	const response = new Response(body as BodyInit | null, init);
	if (response.headers !== init.headers) return response;
	return new Response(body as BodyInit | null, { ...init, headers: new Headers(init.headers) });
}

type Fields = Record<string, string>;

/** Ways in which an entry is sent: each has headers of its own. */
type Form = "gzip" | "plain" | "POST gzip" | "POST";

/** What is worked out once for an entry, and for each form once a second: age and remaining time are whole seconds. */
interface Lasting {
	readonly fields: Fields;
	readonly ready: Map<Form, Ready>;
}

interface Ready extends Pick<Told, "ageS" | "cacheStatus"> {
	readonly init: EncodedInit & { readonly headers: Headers };
	readonly selected: Selected;
}

function readyFor(
	{ status, body, length, etag, coding: stored }: Entry,
	lasting: Fields,
	form: Form,
	{ ageS, cacheStatus }: Pick<Told, "ageS" | "cacheStatus">,
): Ready {
	const coding = form.endsWith("gzip") ? stored : undefined;
	const headers = new Headers(lasting);
	headers.set("age", String(ageS));
	headers.set("cache-status", cacheStatus);
	const tag = etag !== undefined && !form.startsWith("POST") ? encodedTag(etag, coding) : undefined;
	if (tag !== undefined) headers.set("etag", tag);
	if (coding) headers.set("content-encoding", coding);
	headers.set("content-length", String(coding ? body.byteLength : length));
	return {
		init: { status, headers, ...(coding && { encodeBody: "manual" }) },
		selected: { status, etag: tag, lastModified: lasting["last-modified"] },
		ageS,
		cacheStatus,
	};
}

/** Tells Cloudflare's workers, which else compress again what says that it is compressed, to leave it alone. */
type EncodedInit = ResponseInit & { encodeBody?: "manual" };

/** RFC 9110 section 15.4.5, with what tells how old the answer is and how it came about. */
const SENT_WITH_304 = [
	"age",
	"cache-control",
	"cache-status",
	"content-location",
	"date",
	"etag",
	"expires",
	"last-modified",
	"vary",
];

/** All headers that are the same for all who are sent the entry. */
function fieldsFor(entry: Entry, policy: Policy, validated: readonly string[]): Fields {
	const { storedAt, freshUntil } = entry;
	const isSent = (name: string) => policy.audience === "public" || !isTargeted(name);
	const fields = joined(entry.headers.filter(([name]) => isSent(name)));
	const freshS = Math.floor((freshUntil - storedAt) / 1000);
	const { "cache-control": said, vary = "", "content-encoding": _, ...own } = fields;
	return {
		...own,
		"cache-control": entryCacheControl(policy, said, freshS),
		vary: joinedNames(...variedBy(policy, validated), vary),
		date: new Date(storedAt).toUTCString(),
	};
}

function joined(headers: Entry["headers"]): Fields {
	const fields: Fields = Object.create(null);
	for (const [field, value] of headers) {
		const name = field.toLowerCase();
		fields[name] = name in fields ? `${fields[name]}, ${value}` : value;
	}
	return fields;
}

function only(headers: Headers, names: readonly string[]): Fields {
	const picked: Fields = {};
	for (const name of names) {
		const value = headers.get(name);
		if (value !== null) picked[name] = value;
	}
	return picked;
}
