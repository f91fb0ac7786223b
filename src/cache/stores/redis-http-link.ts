import { StoreUnavailable } from "../failure.ts";

export interface RedisHttpAddress {
	/** Of a server that speaks the REST protocol of Upstash: `https://name.upstash.io`. */
	url: string;
	token: string;
	/** Milliseconds after which a request is given up on, a backstop behind the caller's own deadline. Default 1,000. */
	timeoutMs?: number | undefined;
}

export type RedisWord = string | number;

/** Replies are as Redis gave them, texts as bytes. @throws {StoreUnavailable} `connection`, or what Redis said */
export interface RedisHttpLink {
	ask(command: readonly RedisWord[]): Promise<unknown>;
	/** A command with bytes among its words: JSON could not carry them. */
	send(before: readonly RedisWord[], bytes: Uint8Array, after?: readonly RedisWord[]): Promise<unknown>;
	/** Several commands in one request. An error is the reply of its own command alone. */
	askAll(commands: readonly (readonly RedisWord[])[]): Promise<[Error | null, unknown][]>;
}

interface Reply {
	result?: unknown;
	error?: string;
}

export function redisOverHttp({ url, token, timeoutMs = 1_000 }: RedisHttpAddress): RedisHttpLink {
	const base = url.replace(/\/+$/, "");
	const headers = { Authorization: `Bearer ${token}`, "Upstash-Encoding": "base64" };

	async function post(path: string, body: string | Uint8Array): Promise<Reply | Reply[]> {
		let response: Response;
		try {
			response = await fetch(`${base}${path}`, {
				method: "POST",
				headers,
				body: body as BodyInit,
				signal: AbortSignal.timeout(timeoutMs),
			});
			// Redis' own refusals come with 400 and a sentence; the front's with these.
			if (response.status !== 401 && response.status < 500) return (await response.json()) as Reply | Reply[];
			await response.body?.cancel();
		} catch (cause) {
			const why = (cause as Error | undefined)?.name === "TimeoutError" ? "timeout" : "connection";
			throw new StoreUnavailable("Redis over HTTP: no answer", why, { cause });
		}
		const why = response.status === 401 ? "no-auth" : "connection";
		throw new StoreUnavailable(`Redis over HTTP: status ${response.status}`, why);
	}

	async function one(path: string, body: string | Uint8Array): Promise<unknown> {
		const [error, result] = taken((await post(path, body)) as Reply);
		if (error) throw error;
		return result;
	}

	return {
		ask: (command) => one("/", JSON.stringify(command)),
		/** The words before are the path, the body is the next one, and then come those of the query. */
		send(before, bytes, after = []) {
			const path = before.map((word) => `/${encodeURIComponent(word)}`).join("");
			const query = new URLSearchParams();
			for (let i = 0; i < after.length; i += 2) query.append(String(after[i]), String(after[i + 1]));
			return one(query.size > 0 ? `${path}?${query}` : path, bytes);
		},
		async askAll(commands) {
			const replies = await post("/pipeline", JSON.stringify(commands));
			if (Array.isArray(replies)) return replies.map(taken);
			throw new Error(replies.error ?? "Redis over HTTP: not a list of replies");
		},
	};
}

function taken({ result, error }: Reply): [Error | null, unknown] {
	return error === undefined ? [null, decoded(result)] : [new Error(error), null];
}

/** Everything but numbers, nothing and a plain OK is told in base64. */
function decoded(result: unknown): unknown {
	if (Array.isArray(result)) return result.map(decoded);
	if (typeof result !== "string" || result === "OK") return result;
	return Buffer.from(result, "base64");
}
