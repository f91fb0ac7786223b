/** One request of a case, as it is sent again and again. */
export interface BenchRequest {
	readonly method?: "GET" | "POST";
	readonly path: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string;
	/** The text that must come back, after decompression; left out where the answer is not known beforehand. */
	readonly expected?: string;
	/** Default 200. */
	readonly status?: number;
}

/** Where requests go. Always on the loopback interface. */
export interface Target {
	readonly port: number;
	/** Sent in turn, by all connections together. */
	readonly requests: readonly BenchRequest[];
	/** Where not just one after the other: indices into `requests`, from the first on and then over again. */
	readonly order?: readonly number[];
}

/** Clients say so unless a case wants to know what those cost that do not. */
export const ACCEPTS_GZIP = { "Accept-Encoding": "gzip" } as const;

/** The bytes of a request on the wire (HTTP/1.1, kept alive). */
export function onTheWire({ method = "GET", path, headers = {}, body = "" }: BenchRequest): string {
	const fields = Object.entries({ Host: "localhost", ...headers });
	if (body) fields.push(["Content-Length", String(Buffer.byteLength(body))]);
	const head = [`${method} ${path} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`)];
	return `${head.join("\r\n")}\r\n\r\n${body}`;
}
