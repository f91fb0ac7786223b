import { authConfig, signUp } from "../../bench/market/accounts.ts";
import { type Subject, soldSubjects, valuationRequest } from "../../bench/market/subjects.ts";
import type { Ground } from "../system/ground.ts";
import type { Instance } from "../system/instance.ts";

/** What an instance said, and how long that took; status 0 where it said nothing. */
export interface Said {
	readonly status: number;
	readonly ms: number;
	readonly hit: boolean;
	readonly retryAfter: boolean;
	readonly body: string;
}

/** Somebody who is signed in, and what he asks for. */
export interface Asking {
	value(instance: Instance, subject: Subject): Promise<Said>;
	/** Properties that nobody asked for before. */
	fresh(count: number): Subject[];
}

const NEVER_MS = 20_000;

export async function createAsking(ground: Ground): Promise<Asking> {
	const { database, postgres, jwtSecret } = ground;
	const token = await signUp(database.db, authConfig(jwtSecret, postgres.url));
	const subjects = await soldSubjects(postgres.url, 1);
	let next = 0;

	async function ask(url: string, init: RequestInit = {}): Promise<Said> {
		const begun = performance.now();
		const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
		try {
			const response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(NEVER_MS) });
			const body = await response.text();
			return {
				status: response.status,
				ms: performance.now() - begun,
				hit: /;\s*hit/.test(response.headers.get("Cache-Status") ?? ""),
				retryAfter: response.headers.has("Retry-After"),
				body,
			};
		} catch {
			return { status: 0, ms: performance.now() - begun, hit: false, retryAfter: false, body: "" };
		}
	}

	return {
		value({ origin }, subject) {
			const { method, path, body } = valuationRequest(subject, token);
			return ask(origin + path, { method, body: body ?? null } as RequestInit);
		},
		fresh(count) {
			next += count;
			return subjects.slice(next - count, next);
		},
	};
}
