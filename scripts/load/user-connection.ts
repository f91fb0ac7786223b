import type { Socket } from "bun";
import { AnswerReader, type ReadAnswer } from "../../bench/measure/answer-reader.ts";

/** One user's connection, kept alive; opened anew when the other side ended it. */
export interface UserConnection {
	/**
	 * Sends a request when the one before is answered.
	 *
	 * @throws {Error} whose message names how it failed: `not connected`, `hung up`, `no answer`
	 */
	ask(request: Buffer): Promise<ReadAnswer>;
	connect(): Promise<void>;
	close(): void;
}

/** Longer than the service or a balancer may take to say that it gave up. */
const PATIENCE_MS = 25_000;

interface Waiting {
	resolve(answer: ReadAnswer): void;
	reject(error: Error): void;
}

export function openUserConnection(port: number): UserConnection {
	let socket: Socket | undefined;
	let reader = new AnswerReader();
	let waiting: Waiting | undefined;
	let rest: Buffer | undefined;

	/** One that was left for another has nothing to say any more. */
	function ended(which: Socket): void {
		if (which === socket) lost();
	}

	function lost(): void {
		socket = undefined;
		rest = undefined;
		reader = new AnswerReader();
		fail("hung up");
	}

	function fail(how: string): void {
		const one = waiting;
		waiting = undefined;
		one?.reject(new Error(how));
	}

	function write(bytes: Buffer): void {
		const written = Math.max(0, socket?.write(bytes) ?? 0);
		rest = written < bytes.byteLength ? bytes.subarray(written) : undefined;
	}

	async function connect(): Promise<void> {
		socket = await Bun.connect({
			hostname: "127.0.0.1",
			port,
			socket: {
				data(from, chunk) {
					if (from !== socket) return;
					const [answer] = reader.read(chunk);
					const one = waiting;
					if (!answer || !one) return;
					waiting = undefined;
					if (!answer.keepAlive) {
						socket = undefined;
						reader = new AnswerReader();
						from.end();
					}
					one.resolve(answer);
				},
				drain() {
					if (rest) write(rest);
				},
				close: ended,
				error: ended,
			},
		}).catch(() => {
			throw new Error("not connected");
		});
	}

	return {
		async ask(request) {
			if (!socket) await connect();
			const { promise, resolve, reject } = Promise.withResolvers<ReadAnswer>();
			waiting = { resolve, reject };
			const patience = setTimeout(() => {
				fail("no answer");
				const silent = socket;
				lost();
				silent?.terminate();
			}, PATIENCE_MS);
			write(request);
			return promise.finally(() => clearTimeout(patience));
		},
		connect,
		close: () => void socket?.end(),
	};
}
