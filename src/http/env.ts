import type { Logger } from "../lib/logger.ts";
import type { Label } from "./label.ts";

/** Who asks. Put on the context by the authentication middleware, so every later handler can rely on it. */
export interface Caller {
	readonly userId: string;
	readonly role: "user" | "admin";
	readonly roleVersion: number;
	/** The row in `sessions` behind the cookie or token. */
	readonly sessionId: string;
	/** `server`: nobody asks, the server itself does, for what callers will want. */
	readonly via: "cookie" | "token" | "server";
}

/** Hono's environment for the whole application. */
export interface AppEnv {
	Variables: {
		requestId: string;
		logger: Logger;
		/** What every object in an answer must carry, as far as the market is known. */
		label: () => Label;
		/** Present behind `requireCaller`. */
		caller: Caller;
	};
}
