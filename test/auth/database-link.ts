import { connect, createServer, type Socket } from "node:net";

/** A way to a real PostgreSQL that a test can cut, silence and restore. */
export interface DatabaseLink {
	/** Reaches the same database through the link. */
	readonly url: string;
	/** Connections break, and new ones are refused. */
	cut(): Promise<void>;
	/** Connections stay open and new ones are accepted, but nothing is answered any more. */
	silence(): void;
	/** What is connected stays so and never says anything again; new connections are answered. */
	replace(): void;
	restore(): Promise<void>;
	close(): Promise<void>;
}

export async function createDatabaseLink(databaseUrl: string): Promise<DatabaseLink> {
	const target = new URL(databaseUrl);
	const sockets = new Set<Socket>();
	const dead = new WeakSet<Socket>();
	let silent = false;

	const server = createServer((client) => {
		const upstream = connect(Number(target.port || 5432), target.hostname);
		join(client, upstream);
		join(upstream, client);
	});

	function join(from: Socket, to: Socket): void {
		sockets.add(from);
		from.on("data", (bytes) => {
			if (silent) dead.add(from).add(to);
			if (!dead.has(from)) to.write(bytes);
		});
		from.on("error", () => {});
		from.on("close", () => {
			sockets.delete(from);
			to.destroy();
		});
	}

	const listen = (port: number) =>
		new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen(port, "127.0.0.1", resolve);
		});

	async function cut(): Promise<void> {
		for (const socket of sockets) socket.destroy();
		if (server.listening) await new Promise((resolve) => server.close(resolve));
	}

	await listen(0);
	const address = server.address();
	const port = typeof address === "object" && address ? address.port : 0;
	const url = new URL(databaseUrl);
	url.host = `127.0.0.1:${port}`;
	return {
		url: url.toString(),
		cut,
		silence() {
			silent = true;
		},
		replace() {
			for (const socket of sockets) dead.add(socket);
			silent = false;
		},
		async restore() {
			silent = false;
			for (const socket of sockets) socket.destroy();
			if (!server.listening) await listen(port);
		},
		close: cut,
	};
}
