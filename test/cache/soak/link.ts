import net from "node:net";

/** A TCP relay to a local port, which can be cut, or go silent without closing. */
export interface Link {
	readonly port: number;
	/** Ends all connections, and takes no new ones until `mend`. */
	cut(): void;
	/** Keeps all connections and lets nothing through until `mend`, or for good if they end before. */
	stall(): void;
	mend(): void;
	stop(): Promise<void>;
}

export async function startLink(target: number): Promise<Link> {
	let state: "up" | "cut" | "stalled" = "up";
	const sockets = new Set<net.Socket>();

	const server = net.createServer((inner) => {
		if (state === "cut") return void inner.destroy();
		const outer = net.connect(target, "127.0.0.1");
		for (const [from, to] of [
			[inner, outer],
			[outer, inner],
		] as const) {
			sockets.add(from);
			from.on("data", (data) => void to.write(data));
			from.on("error", () => {});
			from.on("close", () => {
				sockets.delete(from);
				to.destroy();
			});
			if (state === "stalled") from.pause();
		}
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject).listen(0, "127.0.0.1", resolve);
	});
	const end = () => {
		for (const socket of sockets) socket.destroy();
	};
	return {
		port: (server.address() as net.AddressInfo).port,
		cut() {
			state = "cut";
			end();
		},
		stall() {
			state = "stalled";
			for (const socket of sockets) socket.pause();
		},
		mend() {
			state = "up";
			for (const socket of sockets) socket.resume();
		},
		async stop() {
			end();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
