import { Hono } from "hono";
import type { AppEnv, Caller } from "./env.ts";
import { answerError, answerNotFound } from "./errors.ts";

/** @param env the environment of this one request */
export type Inside = (request: Request, env?: object) => Response | Promise<Response>;

/** Never in the database, nor in a token: no caller can be it. */
const SERVER: Caller = { userId: "server", role: "user", roleVersion: 0, sessionId: "", via: "server" };

/** The routes under `/api` as the server itself asks them, with what is around them for callers left out. */
export function insideOf(
	routes: Hono<AppEnv>,
	{ logger, label }: Pick<AppEnv["Variables"], "logger" | "label">,
): Inside {
	const app = new Hono<AppEnv>()
		.use(async function asTheServer(c, next) {
			c.set("requestId", "server");
			c.set("logger", logger);
			c.set("label", label);
			c.set("caller", SERVER);
			await next();
		})
		.route("/api", routes)
		.onError(answerError)
		.notFound(answerNotFound);
	return (request, env = {}) => app.fetch(request, env);
}
