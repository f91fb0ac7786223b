import type { Logger } from "../lib/logger.ts";

/** A client that sends nothing for so long is let go. */
const IDLE_S = 30;

export interface Listening {
	host: string;
	port: number;
	fetch(request: Request, server: Bun.Server<undefined>): Response | Promise<Response>;
	logger: Logger;
	/** What is served there, for the sentence when it cannot be. */
	what: string;
}

/** Opens a port. Ends the process where that cannot be: nothing else could be made of it. */
export function listenOrExit({ host, port, fetch, logger, what }: Listening): Bun.Server<undefined> {
	try {
		return Bun.serve({ hostname: host, port, fetch, idleTimeout: IDLE_S });
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		logger.error({ reason, host, port }, `The port${what} could not be opened`);
		process.exit(1);
	}
}

/** HTTP/1.0 needs no Host, and without one Bun knows only the path: health checkers ask like that. */
export function absolute(request: Request): Request {
	return request.url.startsWith("/") ? new Request(`http://localhost${request.url}`, request) : request;
}
