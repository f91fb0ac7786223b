/** Starts every peer, asks it, and compares every byte: `bun bench/peers/check.ts [NAME...]`. */
import { runScript } from "../../scripts/run.ts";
import { Scope } from "../../src/cli/dev/scope.ts";
import { checkAnswers } from "../measure/check.ts";
import { startRedis } from "../measure/redis.ts";
import { Missing, type RunningServer, type ServerKind } from "../measure/server.ts";
import { type Payload, payload } from "../servers/payloads.ts";
import { installPeers } from "./install.ts";
import { peerServers } from "./kinds.ts";

const ASKED: readonly (readonly [Payload, string])[] = [
	["A", "1"],
	["A", "64"],
	["B", "1"],
	["C", "3"],
];
const HANDLER_MS = 50;
/** What is behind it has none. */
const WITHOUT_WORK = new Set(["nginx"]);

await runScript(async (scope) => {
	const say = (line: string) => void process.stdout.write(`${line}\n`);
	const names = process.argv.slice(2);
	const unknown = names.filter((name) => !peerServers.some((kind) => kind.name === name));
	if (unknown.length > 0) {
		say(`There is no peer ${unknown.join(", ")}`);
		return 2;
	}
	await installPeers(scope, say);
	const redis = await startRedis(scope);
	let wrong = 0;
	for (const kind of peerServers) {
		if (names.length > 0 && !names.includes(kind.name)) continue;
		const verdict = await checkPeer(scope, kind, redis.port);
		if (!verdict.right) wrong += 1;
		say(`${kind.name.padEnd(20)} ${verdict.line}`);
	}
	return wrong > 0 ? 1 : 0;
});

async function checkPeer(whole: Scope, kind: ServerKind, redisPort: number) {
	const scope = new Scope();
	whole.defer(() => scope.close());
	try {
		const begun = performance.now();
		const server = await whole.race(kind.start(scope, { redisPort, handlerMs: HANDLER_MS }));
		const started = `started in ${Math.round(performance.now() - begun)} ms`;
		await checkPayloads(kind.name, server);
		if (!WITHOUT_WORK.has(kind.name)) await checkWork(server);
		await server.stop();
		return { right: true, line: `right, ${started}` };
	} catch (error) {
		if (whole.signal.aborted) throw error;
		if (error instanceof Missing) return { right: true, line: `missing: ${error.message}` };
		return { right: false, line: `WRONG: ${error instanceof Error ? error.message : String(error)}` };
	} finally {
		await scope.close();
	}
}

/** Twice, so that what was stored is compared as well. */
async function checkPayloads(name: string, { port }: RunningServer): Promise<void> {
	const requests = ASKED.map(([kind, id]) => ({
		path: `/payload/${kind}/${id}`,
		expected: payload(kind, id),
	}));
	await checkAnswers(name, { port, requests });
	await checkAnswers(name, { port, requests });
}

async function checkWork({ port }: RunningServer): Promise<void> {
	const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
	const answers = [await ask("/work/x"), await ask("/work/x")];
	const expected = JSON.stringify({ id: "x", run: 1 });
	if (answers.some((text) => text !== expected)) throw new Error(`/work/x gave ${answers.join(" and ")}`);
	const runs = await ask("/runs");
	if (runs !== "1") throw new Error(`two requests for /work/x ran its handler ${runs} times`);
}
