import { type Answer, type Connection, openConnection } from "../measure/connection.ts";
import type { BenchRequest } from "../measure/request.ts";

/** Clients of one server. They keep their connections alive and take them in turn. */
export interface Callers {
	/** @throws {Error} when the server refuses or hangs up, and when all hang up on it */
	ask(request: BenchRequest): Promise<Answer>;
	/** Opens so many connections beforehand, so that asking costs nothing but that. */
	connect(count: number): Promise<void>;
	/** Closes every connection, those that wait for an answer included. Nobody can ask any more. */
	hangUp(): void;
}

export interface CallersOptions {
	/** On the loopback interface. */
	readonly port: number;
	/** How many connections there may be. Who finds none free waits for one. */
	readonly most: number;
}

export function openCallers({ port, most }: CallersOptions): Callers {
	const open = new Set<Connection>();
	const idle: Connection[] = [];
	const inLine: (() => void)[] = [];
	let busy = 0;
	let areGone = false;

	async function connect(): Promise<Connection> {
		const connection = await openConnection(port);
		if (areGone) {
			connection.close();
			throw hungUp();
		}
		open.add(connection);
		return connection;
	}

	async function askOver(connection: Connection, request: BenchRequest): Promise<Answer> {
		try {
			const answer = await connection.ask(request);
			if (/^connection: *close/im.test(answer.head)) drop(connection);
			else idle.push(connection);
			return answer;
		} catch (error) {
			drop(connection);
			throw error;
		}
	}

	function drop(connection: Connection): void {
		open.delete(connection);
		connection.close();
	}

	async function askOnce(request: BenchRequest): Promise<Answer> {
		const kept = idle.shift();
		if (kept) {
			try {
				return await askOver(kept, request);
			} catch (error) {
				// The server may have closed it while nobody used it; clients ask such requests again (RFC 9110 section 9.2.2).
				if (areGone) throw error;
			}
		}
		return askOver(await connect(), request);
	}

	return {
		async ask(request) {
			if (busy >= most) await new Promise<void>((resolve) => inLine.push(resolve));
			else busy += 1;
			try {
				if (areGone) throw hungUp();
				return await askOnce(request);
			} finally {
				// The place goes to the next in line, where there is one.
				const next = inLine.shift();
				if (next) next();
				else busy -= 1;
			}
		},
		async connect(count) {
			idle.push(...(await Promise.all(Array.from({ length: count }, connect))));
		},
		hangUp() {
			areGone = true;
			for (const connection of open) drop(connection);
		},
	};
}

function hungUp(): Error {
	return new Error("The callers have hung up");
}
