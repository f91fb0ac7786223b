import { type Subject, soldSubjects, valuationRequest } from "../../bench/market/subjects.ts";
import type { System } from "./system.ts";

interface Ask {
	readonly method?: string;
	readonly path: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string | undefined;
	/** What may come back while all is well. */
	readonly status: number | readonly number[];
}

export interface Traffic {
	/** Answers so far, by `METHOD path status`, that were other than they have to be while all is well. */
	readonly wrong: ReadonlyMap<string, number>;
	/** How many were answered. */
	readonly answered: () => number;
	stop(): Promise<void>;
}

/** Different properties that are asked for again and again, so that most of it are hits. */
const KNOWN = 20;
const LISTED = 10;
const JSON_BODY = { "Content-Type": "application/json" };

/** Asks both instances for everything that there is, some of it wrongly, a few requests at a time, until it is stopped. */
export async function startTraffic(system: System): Promise<Traffic> {
	const subjects = await soldSubjects(system.databaseUrl, 1);
	const wrong = new Map<string, number>();
	let answered = 0;
	let stopping = false;

	async function send(origin: string, { method = "GET", path, headers, body, status }: Ask): Promise<void> {
		const init = { method, ...(headers && { headers }), ...(body !== undefined && { body }) };
		const response = await fetch(origin + path, { ...init, signal: AbortSignal.timeout(20_000) }).catch(
			() => undefined,
		);
		await response?.arrayBuffer().catch(() => undefined);
		answered += 1;
		if (response && [status].flat().includes(response.status)) return;
		const key = `${method} ${path} ${response?.status ?? "no answer"}`;
		wrong.set(key, (wrong.get(key) ?? 0) + 1);
	}

	/** Each round asks for one property that nobody asked for before. */
	async function keepAsking(origin: string, from: number): Promise<void> {
		const always = requests(system, subjects);
		for (let round = 0; !stopping; round += 1) {
			const next = subjects[KNOWN + from + round * system.origins.length];
			// Of some there are too few others to compare with.
			const fresh = next ? [{ ...valuation(next, system.token), status: [200, 422] }] : [];
			for (const ask of [...always, ...fresh]) {
				if (stopping) return;
				await send(origin, ask);
			}
			await Bun.sleep(20);
		}
	}

	const running = system.origins.map(keepAsking);
	return {
		wrong,
		answered: () => answered,
		async stop() {
			stopping = true;
			await Promise.all(running);
		},
	};
}

function requests({ token, credentials }: System, subjects: readonly Subject[]): Ask[] {
	const headers = { Authorization: `Bearer ${token}` };
	const post = (path: string, body: unknown, status: number): Ask => ({
		method: "POST",
		path,
		headers: { ...headers, ...JSON_BODY },
		body: JSON.stringify(body),
		status,
	});
	const get = (path: string, status = 200): Ask => ({ path, headers, status });
	const known = subjects.slice(0, KNOWN);
	const list = known.slice(0, LISTED).map((subject) => JSON.parse(valuation(subject, token).body ?? "{}"));
	return [
		...["buy", "rent", "trends"].flatMap((side) => [
			get(`/api/areas/${side}`),
			get(`/api/property-types/${side}`),
		]),
		...known.map((subject) => valuation(subject, token)),
		get("/api/property/valuation/accuracy"),
		post("/api/property/valuations", { subjects: list }, 200),
		get("/livez"),
		get("/readyz"),
		get("/api/auth/me"),
		{ ...post("/api/auth/token", credentials, 200), headers: JSON_BODY },
		{ ...post("/api/auth/token", { ...credentials, password: "not this one" }, 401), headers: JSON_BODY },
		// What callers do wrong.
		get("/api/areas/lease", 404),
		get("/nowhere", 404),
		{ path: "/api/areas/buy", status: 401 },
		post("/api/property/valuation", { area: "Nowhere" }, 422),
	];
}

function valuation(subject: Subject, token: string): Ask {
	const { method, path, headers, body } = valuationRequest(subject, token);
	return { ...(method && { method }), path, ...(headers && { headers }), body, status: 200 };
}
