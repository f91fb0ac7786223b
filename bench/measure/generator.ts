/**
 * Load from a process of its own: reads its order from standard input, keeps the connections busy, and prints what it
 * counted. It understands answers as far as it must: status, Content-Length, chunks.
 */
import type { Socket } from "bun";
import { AnswerReader } from "./answer-reader.ts";
import type { LoadResult } from "./load.ts";
import type { GeneratorOrder } from "./load-bundled.ts";

const order = (await Bun.stdin.json()) as GeneratorOrder;
const requests = order.requests.map((text) => Buffer.from(text));
const latencies: number[] = [];
let errors = 0;
let bytes = 0;
let next = 0;
let open = 0;
const begun = performance.now();
const end = begun + order.seconds * 1000;
const { promise: over, resolve: finish } = Promise.withResolvers<void>();

interface State {
	reader: AnswerReader;
	sentAt: number;
	rest: Buffer | undefined;
}

function send(socket: Socket<State>): void {
	if (performance.now() >= end) return void socket.end();
	const index = order.order ? order.order[next % order.order.length] : next % requests.length;
	const request = requests[index ?? 0];
	next += 1;
	if (!request) return;
	socket.data.sentAt = performance.now();
	write(socket, request);
}

function write(socket: Socket<State>, data: Buffer): void {
	const written = Math.max(0, socket.write(data));
	socket.data.rest = written < data.byteLength ? data.subarray(written) : undefined;
}

function closed(): void {
	open -= 1;
	if (open === 0) finish();
}

async function connect(): Promise<void> {
	open += 1;
	await Bun.connect<State>({
		hostname: "127.0.0.1",
		port: order.port,
		data: { reader: new AnswerReader(), sentAt: 0, rest: undefined },
		socket: {
			open: send,
			drain(socket) {
				if (socket.data.rest) write(socket, socket.data.rest);
			},
			data(socket, chunk) {
				bytes += chunk.byteLength;
				for (const { status, keepAlive } of socket.data.reader.read(chunk)) {
					latencies.push(performance.now() - socket.data.sentAt);
					if (status >= 400) errors += 1;
					if (!keepAlive) return void socket.end();
					send(socket);
				}
			},
			close(socket) {
				if (socket.data.reader.isInside) errors += 1;
				if (performance.now() < end) void connect();
				closed();
			},
			connectError: closed,
		},
	}).catch(() => {
		errors += 1;
	});
}

await Promise.all(Array.from({ length: order.connections }, connect));
// A server that never answers must not keep the generator for ever.
const patience = setTimeout(finish, order.seconds * 1000 + 10_000);
await over;
clearTimeout(patience);

latencies.sort((left, right) => left - right);
const at = (share: number) =>
	latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0;
const result: LoadResult = {
	requests: latencies.length,
	seconds: (performance.now() - begun) / 1000,
	errors,
	bytes,
	latency: { p50: at(0.5), p99: at(0.99), max: at(1) },
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
