/**
 * `bun run bench:memory`: what an entry of each kind takes up in Redis, and so how many fit. The product's own server
 * answers the lists and some thousands of valuations; then Redis is asked for the size of each key.
 */
import { runScript } from "../../scripts/run.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { listRequests } from "../market/mix-requests.ts";
import { startApi } from "../market/server.ts";
import { soldSubjects, valuationRequest } from "../market/subjects.ts";
import { valued } from "../market/valued.ts";
import { openConnection } from "../measure/connection.ts";
import { startRedis } from "../measure/redis.ts";
import { table } from "../report/text.ts";
import { sampleMarket } from "./sample.ts";

const VALUATIONS = 3_000;
const CALLERS = 4;
const SIZES_MB = [64, 256, 1024] as const;
/** Kept free for marks, clients and what the allocator cannot give back. */
const USABLE = 0.9;

interface Kind {
	keys: number;
	/** As the server stored them. */
	stored: number;
	/** As Redis counts, key and bookkeeping included. */
	taken: number;
}

async function main(scope: Scope): Promise<number> {
	const log = (line: string) => process.stderr.write(`${line}\n`);
	const market = await sampleMarket(scope, log);
	const redis = await startRedis(scope);
	const server = await startApi(scope, "with Redis", {
		databaseUrl: market.url,
		jwtSecret: market.secret,
		redisPort: redis.port,
	});
	const connections = Array.from({ length: CALLERS }, () => openConnection(server.port));
	for (const request of listRequests(market.token)) await connections[0]?.ask(request);
	log(`Asking for ${VALUATIONS} valuations ...`);
	const subjects = await soldSubjects(market.url, 1);
	const { subjects: asked } = await scope.race(valued(connections, subjects, market.token, VALUATIONS));
	// Once more, so that what is counted is there.
	for (const subject of asked.slice(0, 10))
		await connections[0]?.ask(valuationRequest(subject, market.token));
	for (const connection of connections) connection.close();
	const kinds = await measure(redis.client);
	await server.stop();
	const perValuation = ["valuation", "valuation-values"].reduce(
		(sum, kind) => sum + mean(kinds.get(kind), "taken"),
		0,
	);
	const lists = ["areas", "property-types"].reduce((sum, kind) => sum + (kinds.get(kind)?.taken ?? 0), 0);
	process.stdout.write(
		`${table(
			["kind", "entries", "stored, bytes each", "in Redis, bytes each"],
			[...kinds].map(([kind, of]) => [
				kind,
				String(of.keys),
				mean(of, "stored").toFixed(0),
				mean(of, "taken").toFixed(0),
			]),
		)}\n\n${table(
			["maxmemory", "valuations that fit, about"],
			SIZES_MB.map((mb) => [
				`${mb} MB`,
				String(Math.floor((mb * 1024 * 1024 * USABLE - lists) / perValuation / 1000) * 1000),
			]),
		)}\n\n${JSON.stringify({ kinds: Object.fromEntries(kinds), perValuation })}\n`,
	);
	return 0;
}

function mean(kind: Kind | undefined, of: "stored" | "taken"): number {
	return kind ? kind[of] / kind.keys : 0;
}

/** By the policy that is named in each entry; all other keys are what the store keeps for itself. */
async function measure(client: Awaited<ReturnType<typeof startRedis>>["client"]): Promise<Map<string, Kind>> {
	const kinds = new Map<string, Kind>();
	for (let cursor = "0", first = true; first || cursor !== "0"; first = false) {
		const [next, keys] = await client.scan(cursor, "COUNT", 500);
		cursor = next;
		for (const key of keys) {
			const [head, stored, taken] = await Promise.all([
				client.getrange(key, 0, 200).catch(() => ""),
				client.strlen(key).catch(() => 0),
				client.memory("USAGE", key),
			]);
			const [, policy] = /"policy":"([\w-]+)"/.exec(head) ?? [];
			const kind = policy ?? (key.startsWith("tag:") ? "marks of tags" : "other state");
			const known = kinds.get(kind) ?? { keys: 0, stored: 0, taken: 0 };
			kinds.set(kind, {
				keys: known.keys + 1,
				stored: known.stored + stored,
				taken: known.taken + Number(taken),
			});
		}
	}
	return kinds;
}

await runScript(main);
