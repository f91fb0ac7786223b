import { getConnInfo } from "hono/bun";
import { bunPasswords } from "../cli/bun-passwords.ts";
import { IDLE_S, type Listening, type Serving } from "./listen.ts";
import type { Platform } from "./run.ts";

export const bunPlatform: Platform = {
	listen: listenOnBun,
	passwords: bunPasswords,
	clientAddress: (c) => getConnInfo(c).remote.address,
};

/** @throws when the port cannot be opened */
function listenOnBun({ host, port, fetch }: Serving): Listening {
	const server = Bun.serve({
		hostname: host,
		port,
		fetch: (request, self) => fetch(absolute(request), self),
		idleTimeout: IDLE_S,
	});
	return {
		url: server.url,
		get pendingRequests() {
			return server.pendingRequests;
		},
		stop: (cut) => server.stop(cut),
	};
}

/** HTTP/1.0 needs no Host, and without one Bun knows only the path: health checkers ask like that. */
function absolute(request: Request): Request {
	return request.url.startsWith("/") ? new Request(`http://localhost${request.url}`, request) : request;
}
