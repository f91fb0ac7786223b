import type { Entry } from "../entry.ts";
import type { Policy } from "../policy.ts";
import { deltaSeconds, parseCacheControl } from "./cache-control.ts";
import { encodedTag, notModified } from "./conditional.ts";
import { acceptsGzip, decoded } from "./encoding.ts";

export interface Respond {
	readonly policy: Policy;
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
export function respond(
	entry: Entry,
	request: { readonly method: string; readonly headers: Headers },
	{ policy, ageS, cacheStatus }: Respond,
): Response | Promise<Response> {
	const { status, body, length, etag } = entry;
	const coding =
		entry.coding && acceptsGzip(request.headers.get("accept-encoding")) ? entry.coding : undefined;
	const own = fieldsOf(entry);
	const selectedTag = etag === undefined ? undefined : encodedTag(etag, coding);

	const headers: Record<string, string> = {
		...own,
		"cache-control": cacheControl(policy, entry, own["cache-control"]),
		vary: vary(policy, own["vary"]),
		date: new Date(entry.storedAt).toUTCString(),
		age: String(ageS),
		"cache-status": cacheStatus,
	};
	if (selectedTag) headers["etag"] = selectedTag;
	if (
		notModified(request.method, request.headers, {
			status,
			etag: selectedTag,
			lastModified: own["last-modified"],
		})
	) {
		return new Response(null, { status: 304, headers: only(headers, SENT_WITH_304) });
	}
	if (coding) headers["content-encoding"] = coding;
	else delete headers["content-encoding"];
	headers["content-length"] = String(coding ? body.byteLength : length);

	const init: EncodedInit = { status, headers, ...(coding && { encodeBody: "manual" }) };
	if (request.method === "HEAD") return new Response(null, init);
	// The platform copies what it is handed (Fetch standard, "extract a body"), so nobody who reads or changes the answer
	// reaches the stored bytes: no copy of our own.
	if (entry.coding === coding) return new Response(body as BodyInit, init);
	return decoded(entry, policy.maxEntryBytes).then((plain) => new Response(plain as BodyInit, init));
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

function fieldsOf({ headers }: Entry): Record<string, string> {
	const fields: Record<string, string> = Object.create(null);
	for (const [field, value] of headers) {
		const name = field.toLowerCase();
		fields[name] = name in fields ? `${fields[name]}, ${value}` : value;
	}
	return fields;
}

function only(headers: Record<string, string>, names: readonly string[]): Record<string, string> {
	const picked: Record<string, string> = {};
	for (const name of names) {
		const value = headers[name];
		if (value !== undefined) picked[name] = value;
	}
	return picked;
}

/**
 * What the client may do with it. Where callers sign in, its browser asks again each time, so that signing out,
 * revoking and purging hold. Otherwise it may keep the answer for its whole fresh time, of which `Age` tells how much
 * has gone (RFC 9111 section 4.2), or for as long as the handler allows browsers if that is less.
 */
function cacheControl(policy: Policy, { freshUntil, storedAt }: Entry, said: string | undefined): string {
	const told = said === undefined ? undefined : parseCacheControl(said);
	const lifetimeS = Math.floor((freshUntil - storedAt) / 1000);
	const maxAgeS = Math.min(lifetimeS, (told && deltaSeconds(told, "max-age")) ?? lifetimeS);
	const allowed = policy.audience === "public" ? `public, max-age=${maxAgeS}` : "private, no-cache";
	const kept = told ? PASSED_ON.filter((name) => told.has(name)) : [];
	return [allowed, ...kept].join(", ");
}

/** What the handler demands of everybody who handles its answer. */
const PASSED_ON = ["must-revalidate", "proxy-revalidate", "no-transform"] as const;

/** What selects the answer: the request headers in its key, and those that signing in goes by. */
function vary(policy: Policy, said: string | undefined): string {
	const fixed =
		policy.audience === "signed-in" ? "Accept-Encoding, Authorization, Cookie" : "Accept-Encoding";
	if (said === undefined && policy.vary.length === 0) return fixed;
	const names = new Set(fixed.split(", "));
	const known = new Set(fixed.toLowerCase().split(", "));
	for (const name of [...policy.vary, ...(said?.split(",") ?? [])].map((name) => name.trim())) {
		if (name === "" || known.has(name.toLowerCase())) continue;
		known.add(name.toLowerCase());
		names.add(name);
	}
	return [...names].join(", ");
}
