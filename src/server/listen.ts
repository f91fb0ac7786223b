import type { Drainable } from "../http/drain.ts";
import type { Logger } from "../lib/logger.ts";

/** A client that sends nothing for so long is let go. */
export const IDLE_S = 30;

/** What to serve, and where. */
export interface Serving {
	host: string;
	/** 0 for any that is free. */
	port: number;
	/** `env` is the platform's own: how it knows the other end of the connection. */
	fetch(request: Request, env: object): Response | Promise<Response>;
}

export interface Listening extends Drainable {
	readonly url: URL;
}

/** Opens a port. @throws when it cannot be opened */
export type Listen = (serving: Serving) => Listening | Promise<Listening>;

export interface ListenOrExitDeps {
	listen: Listen;
	logger: Logger;
	/** What is served there, for the sentence when it cannot be. */
	what: string;
}

/** Opens a port. Ends the process where that cannot be: nothing else could be made of it. */
export async function listenOrExit(serving: Serving, deps: ListenOrExitDeps): Promise<Listening> {
	try {
		return await deps.listen(serving);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		const { host, port } = serving;
		deps.logger.error({ reason, host, port }, `The port${deps.what} could not be opened`);
		process.exit(1);
	}
}
