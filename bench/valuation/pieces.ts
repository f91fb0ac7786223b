import { openDatabase } from "../../db/client.ts";
import { loadDirectory } from "../../db/queries/directory.ts";
import { buildDirectory } from "../../src/areas/directory.ts";
import { createCache, createNoopStore } from "../../src/cache/index.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { dubaiDay, systemClock } from "../../src/lib/clock.ts";
import { keep } from "../../src/lib/keeper.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { gather } from "../../src/valuation/gather.ts";
import { keepModel } from "../../src/valuation/model-keeper.ts";
import { valuationRequest as checked } from "../../src/valuation/request.ts";
import { resolveSubject } from "../../src/valuation/subject.ts";
import { createValues } from "../../src/valuation/values.ts";
import { medianOf } from "../market/figures.ts";
import { startApi } from "../market/server.ts";
import { type Subject, valuationRequest } from "../market/subjects.ts";
import { openConnection } from "../measure/connection.ts";
import type { Markets } from "./market.ts";

/** Medians, milliseconds. */
export interface Pieces {
	/** A signed-in request for a value that is refused because of its size: HTTP, who is asking, reading the body. */
	readonly request: number;
	/** All queries of one value, until their rows are unpacked. */
	readonly reads: number;
	/** Working out the value and writing down its answer, once all is read. */
	readonly work: number;
}

/** The first of them only warm up. */
const WARM = 100;

/** Where the time of one valuation goes, roughly: its pieces called one by one in this process, on the smaller market. */
export async function measurePieces(
	scope: Scope,
	{ plain, jwtSecret, tokens: [token = ""] }: Markets,
	subjects: readonly Subject[],
): Promise<Pieces> {
	const request = await refusals(scope, { jwtSecret, databaseUrl: plain.url }, subjects, token);
	const { db, close } = openDatabase({ url: plain.url });
	try {
		return { request, ...(await scope.race(readsAndWork(db, subjects))) };
	} finally {
		await close();
	}
}

async function refusals(
	scope: Scope,
	options: { jwtSecret: string; databaseUrl: string },
	subjects: readonly Subject[],
	token: string,
): Promise<number> {
	const server = await startApi(scope, "pieces", options);
	const connection = openConnection(server.port);
	const times: number[] = [];
	for (const subject of subjects) {
		times.push((await connection.ask(valuationRequest({ ...subject, size: 1 }, token))).ms);
	}
	connection.close();
	await server.stop();
	return medianOf(times.slice(WARM));
}

async function readsAndWork(
	db: ReturnType<typeof openDatabase>["db"],
	subjects: readonly Subject[],
): Promise<Pick<Pieces, "reads" | "work">> {
	const deps = { db, clock: systemClock, logger: silentLogger };
	const directory = keep({
		...deps,
		what: "Names",
		load: async () => buildDirectory(await loadDirectory(db)),
	});
	const models = keepModel(deps);
	const cache = createCache({ store: createNoopStore(), clock: systemClock });
	const values = createValues({ db, cache, directory, models });
	const version = (await models.current()).current?.version ?? null;
	const reads: number[] = [];
	const whole: number[] = [];
	for (const [index, subject] of subjects.entries()) {
		const body = checked.parse(JSON.parse(valuationRequest(subject, "").body ?? ""));
		const resolved = resolveSubject(body, await directory.current(), dubaiDay(systemClock()), version);
		const read = async () => reads.push(await timed(() => gather(db, [resolved])));
		// Those that are too rare for a value are done sooner, but are few.
		const value = async () =>
			whole.push(await timed(() => values.value(resolved).then(JSON.stringify, () => {})));
		for (const way of index % 2 === 0 ? [read, value] : [value, read]) await way();
	}
	const read = medianOf(reads.slice(WARM));
	return { reads: read, work: medianOf(whole.slice(WARM)) - read };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
	const begun = performance.now();
	await work();
	return performance.now() - begun;
}
