/** Each directive, in lower case, with all the values that it was given; `""` where it had none. */
export type Directives = ReadonlyMap<string, readonly string[]>;

/**
 * Reads `Cache-Control` (RFC 9111 section 5.2) of a request or an answer. Never throws: where the header is malformed,
 * whatever looks like a directive is one, as they mostly forbid.
 *
 * Own code, as the libraries lose what is needed here: cache-control-parser drops quoted numbers,
 * \@tusbar/cache-control a `no-store=1`, and both, like http-cache-semantics, all but the last of two `max-age`.
 */
export function parseCacheControl(header: string | null | undefined): Directives {
	if (!header) return NONE;
	const directives = new Map<string, string[]>();
	for (const [, name = "", quoted, token = ""] of header.matchAll(DIRECTIVE)) {
		const value = quoted === undefined ? token : quoted.replace(/\\(.)/g, "$1");
		const values = directives.get(name.toLowerCase());
		if (values) values.push(value);
		else directives.set(name.toLowerCase(), [value]);
	}
	return directives;
}

/**
 * A directive's number of seconds. Undefined when it is absent; 0 when it is no whole number, which RFC 9111 section
 * 4.2.1 would have taken for stale; the least of several.
 */
export function deltaSeconds(directives: Directives, name: string): number | undefined {
	const values = directives.get(name);
	if (!values) return undefined;
	const seconds = values.map((value) => (/^\d+$/.test(value) ? Number(value) : 0));
	return Math.min(...seconds, MAX_SECONDS);
}

const NONE: Directives = new Map();

/** RFC 9111 section 1.2.2: as good as for ever. */
const MAX_SECONDS = 2 ** 31;

/** name [ = "quoted" | token ], white space around the `=` allowed for. */
const DIRECTIVE = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?/g;
