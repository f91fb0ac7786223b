import { TerminalError } from "../terminal.ts";
import type { Connection } from "./connection.ts";

/** A server's routes for administrators. */
export interface Remote {
	readonly url: string;
	/** @param query without what is undefined. @throws {TerminalError} for what the user can put right; other errors */
	get<T>(path: string, query?: Record<string, string | undefined>): Promise<T>;
	post<T>(path: string, body: object): Promise<T>;
}

/** A little longer than a server takes for anything. */
const ANSWERED_WITHIN_MS = 20_000;

export function remoteOf({ url, token }: Connection): Remote {
	let known: string | undefined;

	/** With the token that there is, and once more with another one if that has ended. */
	async function ask<T>(path: string, init: RequestInit): Promise<T> {
		known ??= await token();
		const response = await send(path, init, known);
		if (response.status !== 401) return read<T>(response);
		await response.body?.cancel();
		known = await token();
		return read<T>(await send(path, init, known));
	}

	async function send(path: string, init: RequestInit, bearer: string): Promise<Response> {
		const headers = { ...init.headers, Authorization: `Bearer ${bearer}` };
		const signal = AbortSignal.timeout(ANSWERED_WITHIN_MS);
		try {
			// What leads elsewhere would take the token along.
			return await fetch(`${url}/api/admin/${path}`, { ...init, headers, signal, redirect: "manual" });
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			throw new Error(`${url} does not answer: ${reason}`, { cause: error });
		}
	}

	async function read<T>(response: Response): Promise<T> {
		const body: unknown = await response.json().catch(() => undefined);
		if (typeof body !== "object" || body === null) {
			throw new TerminalError(`${url} is no Retyn AVM: it answers ${response.status} and no JSON.`);
		}
		if (response.ok) return body as T;
		const detail = "detail" in body ? String(body.detail) : `It answers ${response.status}.`;
		throw response.status < 500 ? new TerminalError(detail) : new Error(detail);
	}

	return {
		url,
		get(path, query = {}) {
			const given = Object.entries(query).filter(
				(entry): entry is [string, string] => entry[1] !== undefined,
			);
			const search = new URLSearchParams(given).toString();
			return ask(search ? `${path}?${search}` : path, {});
		},
		post: (path, body) =>
			ask(path, {
				method: "POST",
				headers: { "Content-Type": "application/json" },
				body: JSON.stringify(body),
			}),
	};
}
