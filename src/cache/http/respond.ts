import type { Entry } from "../entry.ts";
import type { Policy } from "../policy.ts";
import { entryCacheControl, isTargeted, joinedNames, variedBy } from "./client-caching.ts";
import { encodedTag, notModified } from "./conditional.ts";
import { acceptsGzip, decoded } from "./encoding.ts";

/** What differs from one who asks to the next. */
export interface Told {
	/** See `validatedHeaders`; the same for all who ask for an entry. */
	readonly validated: readonly string[];
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
) => Response | Promise<Response>;

/** For all entries of one policy. */
export function createRespond(policy: Policy): Respond {
	// A store in memory gives the same entry again and again.
	const lasting = new WeakMap<Entry, Fields>();

	function lastingFields(entry: Entry, validated: readonly string[]): Fields {
		const known = lasting.get(entry);
		if (known) return known;
		const fields = fieldsFor(entry, policy, validated);
		lasting.set(entry, fields);
		return fields;
	}

	return function respond(entry, request, { validated, ageS, cacheStatus }) {
		const { status, body, length, etag } = entry;
		const { method, headers: asked } = request;
		const coding = entry.coding && acceptsGzip(asked.get("accept-encoding")) ? entry.coding : undefined;
		const fields: Fields = {
			...lastingFields(entry, validated),
			age: String(ageS),
			"cache-status": cacheStatus,
		};
		// RFC 9110 section 8.8: what answers a POST is no representation of what its address names.
		if (etag !== undefined && method !== "POST") fields["etag"] = encodedTag(etag, coding);
		if (notModified(method, asked, { status, etag: fields["etag"], lastModified: fields["last-modified"] })) {
			return new Response(null, { status: 304, headers: only(fields, SENT_WITH_304) });
		}
		if (coding) fields["content-encoding"] = coding;
		fields["content-length"] = String(coding ? body.byteLength : length);

		const init: EncodedInit = { status, headers: fields, ...(coding && { encodeBody: "manual" }) };
		if (method === "HEAD") return new Response(null, init);
		// The platform copies what it is handed (Fetch standard, "extract a body"), so nobody who reads or changes the answer
		// reaches the stored bytes: no copy of our own.
		if (entry.coding === coding) return new Response(body as BodyInit, init);
		return decoded(entry, policy.maxEntryBytes).then((plain) => new Response(plain as BodyInit, init));
	};
}

type Fields = Record<string, string>;

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

function only(headers: Fields, names: readonly string[]): Fields {
	const picked: Fields = {};
	for (const name of names) {
		const value = headers[name];
		if (value !== undefined) picked[name] = value;
	}
	return picked;
}
