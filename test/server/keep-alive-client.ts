import { connect, type Socket } from "node:net";

export interface Answer {
	readonly status: number;
	/** Whether it says that the server is going to close the connection. */
	readonly closes: boolean;
	readonly body: string;
}

/** How a connection went, from the client's side. */
export interface Ending {
	readonly answers: readonly Answer[];
	/**
	 * Requests that were written while the server had not said `Connection: close`, on a connection that was there, and
	 * that had no complete answer when it ended.
	 */
	readonly dropped: number;
	readonly connected: boolean;
}

export interface KeepAliveClient {
	/** Resolves when the connection is gone. */
	readonly ended: Promise<Ending>;
	readonly answered: number;
	/** Sends the next one, if the connection may still be used. */
	send(request: string): void;
	close(): void;
}

/**
 * One connection, written and read by hand: no client library, which might send again what was lost. It sends what `next`
 * gives as soon as the answer before is complete, until the server asks it to leave.
 */
export function openKeepAlive(port: number, next?: () => string | undefined): KeepAliveClient {
	const answers: Answer[] = [];
	let unanswered = 0;
	let connected = false;
	let received = Buffer.alloc(0);
	const { promise: ended, resolve } = Promise.withResolvers<Ending>();
	const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => {
		connected = true;
		sendNext();
	});

	function send(request: string): void {
		if (answers.at(-1)?.closes || socket.destroyed) return;
		unanswered += 1;
		socket.write(request);
	}

	function sendNext(): void {
		const request = next?.();
		if (request !== undefined) send(request);
	}

	socket.on("data", (bytes: Buffer) => {
		received = Buffer.concat([received, bytes]);
		const answer = takeAnswer();
		if (!answer) return;
		unanswered -= 1;
		answers.push(answer);
		if (!answer.closes) sendNext();
	});
	socket.on("error", () => {});
	socket.on("close", () => resolve({ answers, dropped: unanswered, connected }));

	function takeAnswer(): Answer | undefined {
		const headEnd = received.indexOf("\r\n\r\n");
		if (headEnd < 0) return undefined;
		const head = received.subarray(0, headEnd).toString("latin1");
		const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
		const end = headEnd + 4 + length;
		if (received.length < end) return undefined;
		const body = received.subarray(headEnd + 4, end).toString();
		received = received.subarray(end);
		return {
			status: Number(head.split(" ")[1]),
			closes: /\r\nconnection: *close/i.test(head),
			body,
		};
	}

	return {
		ended,
		get answered() {
			return answers.length;
		},
		send,
		close: () => void socket.destroy(),
	};
}

/** A whole request as it goes over the wire. */
export function written(method: "GET" | "POST", path: string, token: string, body?: object): string {
	const text = body ? JSON.stringify(body) : "";
	const lines = [`${method} ${path} HTTP/1.1`, "Host: retyn.test", `Authorization: Bearer ${token}`];
	if (body) lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(text)}`);
	return `${lines.join("\r\n")}\r\n\r\n${text}`;
}
