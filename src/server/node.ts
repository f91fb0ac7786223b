import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { IDLE_S, type Listening, type Serving } from "./listen.ts";
import { nodePasswords } from "./node-passwords.ts";
import type { Platform } from "./run.ts";

export const nodePlatform: Platform = {
	listen: listenOnNode,
	passwords: nodePasswords,
	clientAddress: (c) => getConnInfo(c).remote.address,
};

/** @throws when the port cannot be opened */
async function listenOnNode({ host, port, fetch }: Serving): Promise<Listening> {
	// HTTP/1.0 needs no Host: health checkers ask without one.
	const listener = getRequestListener((request, env) => fetch(request, env), { hostname: "localhost" });
	const pending = new Set<ServerResponse>();
	const server = createServer({ keepAliveTimeout: IDLE_S * 1000, requireHostHeader: false });
	server.on("request", (incoming, outgoing) => {
		pending.add(outgoing);
		outgoing.once("close", () => pending.delete(outgoing));
		void listener(incoming, outgoing);
	});
	await opened(server, host, port);
	return {
		url: urlOf(server),
		get pendingRequests() {
			return pending.size;
		},
		stop: (cut) => stop(server, cut),
	};
}

function opened(server: Server, host: string, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, host, () => {
			server.off("error", reject);
			resolve();
		});
	});
}

/** Once for each of what `drain` asks for: the server closes its port at the first, and connections at the second. */
function stop(server: Server, cut = false): Promise<void> {
	return new Promise((resolve) => {
		if (cut) server.closeAllConnections();
		else server.closeIdleConnections();
		// It may be closed already, which is what was wanted.
		server.close(() => resolve());
	});
}

function urlOf(server: Server): URL {
	const { address, family, port } = server.address() as AddressInfo;
	return new URL(`http://${family === "IPv6" ? `[${address}]` : address}:${port}/`);
}
