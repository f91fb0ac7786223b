/**
 * Users, in a process of their own. Reads its order as the first line of standard input, opens all connections, prints
 * `ready`, and lets each user ask at its own pace until standard input ends. Then it prints what became of every request.
 */
import { createInterface } from "node:readline";
import { percentile } from "../../bench/faults/waits.ts";
import { ACCEPTS_GZIP, onTheWire } from "../../bench/measure/request.ts";
import { createRandom } from "../../src/lib/random.ts";
import { createJudge, type Outcome } from "./judge.ts";
import type { Columns, GeneratorOrder, GeneratorReport } from "./records.ts";
import { openUserConnection } from "./user-connection.ts";

const lines = createInterface({ input: process.stdin });
const order = await new Promise<GeneratorOrder>((resolve) =>
	lines.once("line", (line) => resolve(JSON.parse(line))),
);
const random = createRandom(order.seed, 2);
const judge = createJudge();
const columns: Columns = { at: [], ms: [], ask: [], user: [], outcome: [], outcomes: [] };
const places = new Map<Outcome, number>();
const late: number[] = [];
const connections = order.users.map(() => openUserConnection(order.port));
let next = 0;
let stopping = false;
lines.once("close", () => {
	stopping = true;
});

const now = () => performance.timeOrigin + performance.now();

function noted(outcome: Outcome): number {
	let place = places.get(outcome);
	if (place === undefined) {
		place = columns.outcomes.push(outcome) - 1;
		places.set(outcome, place);
	}
	return place;
}

/** A user asks every so often. Whoever is kept waiting asks as soon as there is an answer, and does not make up for the rest. */
async function live(user: number): Promise<void> {
	const connection = connections[user];
	const headers = { ...ACCEPTS_GZIP, "Content-Type": "application/json", ...order.users[user] };
	let due = now() + random.next() * order.everyMs;
	while (!stopping) {
		const early = due - now();
		if (early > 0) await Bun.sleep(early);
		if (stopping || !connection) return;
		const sentAt = now();
		if (early > 0) late.push(sentAt - due);
		const which = order.order[next % order.order.length] ?? 0;
		next += 1;
		const ask = order.asks[which];
		if (!ask) throw new RangeError(`There is no request ${which}`);
		const outcome = await connection.ask(Buffer.from(onTheWire({ ...ask, headers }))).then(
			({ head, bytes }) => judge.outcome(ask, head, bytes),
			(error: Error) => error.message,
		);
		columns.at.push(Math.round(sentAt * 10) / 10);
		columns.ms.push(Math.round((now() - sentAt) * 100) / 100);
		columns.ask.push(which);
		columns.user.push(user);
		columns.outcome.push(noted(outcome));
		due = Math.max(due + order.everyMs * random.between(0.5, 1.5), now());
	}
}

for (const connection of connections) await connection.connect();
process.stdout.write("ready\n");
await Promise.all(order.users.map((_, user) => live(user)));
for (const connection of connections) connection.close();
late.sort((left, right) => left - right);
const report: GeneratorReport = { columns, lateMs: percentile(late, 0.99) };
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
