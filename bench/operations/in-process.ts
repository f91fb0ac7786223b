/**
 * Microseconds that a hit takes inside of the application, watched and unwatched in turns of some thousand requests: without a
 * network and a generator of load beside it a fraction of a microsecond can be told. Prints one line of JSON.
 */
import { readConfig } from "../../src/config.ts";
import { spreadOf } from "../measure/spread.ts";
import { unwatchedApp, watchedApp } from "./apps.ts";
import { hitRequests } from "./requests.ts";

const ROUNDS = 60;
/** What is compiled while running is compiled by then. */
const WARM_UP_ROUNDS = 12;
const REQUESTS = 3_000;

const config = readConfig(process.env);
const token = process.argv[2] ?? "";
const apps = { watched: watchedApp(config), unwatched: unwatchedApp(config) };
const results = [];
for (const { name, request } of hitRequests(token)) {
	const { method = "GET", path, headers = {}, body } = request;
	const seen = { watched: [] as number[], unwatched: [] as number[] };
	for (let round = 0; round < ROUNDS; round += 1) {
		const order = round % 2 === 0 ? (["watched", "unwatched"] as const) : (["unwatched", "watched"] as const);
		for (const mode of order) {
			const begun = performance.now();
			for (let index = 0; index < REQUESTS; index += 1) {
				const init = { method, headers, ...(body !== undefined && { body }) };
				const response = await apps[mode].fetch(new Request(`http://localhost${path}`, init));
				if (response.status !== 200) throw new Error(`${path} was answered with ${response.status}`);
				await response.arrayBuffer();
			}
			if (round >= WARM_UP_ROUNDS) seen[mode].push(((performance.now() - begun) * 1000) / REQUESTS);
		}
	}
	const more = seen.watched.map((us, index) => us - (seen.unwatched[index] ?? 0));
	results.push({ name, unwatchedUs: spreadOf(seen.unwatched).median, moreUs: spreadOf(more).median });
}
process.stdout.write(`${JSON.stringify(results)}\n`);
process.exit(0);
