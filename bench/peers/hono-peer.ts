/** The server in which every peer that is a library for Bun is measured: Hono, as ours is. */
import { type Context, type Handler, Hono } from "hono";
import { createOrigin } from "../servers/origin.ts";
import { JSON_TYPE } from "../servers/payloads.ts";
import { serve, settings } from "../servers/serve.ts";

/** How long peers keep what they have, as ours does. */
export const TTL_S = 3600;

export type Make = () => Promise<string> | string;

/** Gives the text under the key from the cache, or makes it, keeps it for {@link TTL_S} and gives it. */
export type Through = (key: string, make: Make) => Promise<string>;

/** Where the Redis is that the peer may use. */
export const redisAddress = { host: "127.0.0.1", port: settings.redisPort } as const;
export const redisUrl = `redis://${redisAddress.host}:${redisAddress.port}`;

/** Which of the kinds in its file the peer is to be. Keys begin with it, as peers share a Redis. */
export const mode = settings.mode ?? "peer";

const origin = createOrigin(settings.handlerMs);
const makers = {
	work: (c: Context) => origin.work(c.req.param("id") ?? ""),
	thing: (c: Context) => origin.payload(c.req.param("kind") ?? "", c.req.param("id") ?? ""),
};

/**
 * Serves the routes of the cases through a peer that keeps values. What it keeps is the JSON text, which is sent as it
 * is: the form most favourable to the peer.
 */
export function servePeer(through: Through): void {
	serveRoutes(
		(_, make) => async (c) => c.body(await through(`${mode}:${c.req.path}`, () => make(c)), 200, JSON_TYPE),
	);
}

/** The same, but objects are kept, and made JSON for each answer: what the documentation of such a peer shows. */
export function servePeerObjects(
	through: (key: string, make: () => Promise<object>) => Promise<object>,
): void {
	serveRoutes((_, make) => async (c) => {
		const made = async (): Promise<object> => JSON.parse(await make(c));
		return c.json(await through(`${mode}:${c.req.path}`, made));
	});
}

/** The same for a peer that keeps whole answers: `cached` puts it in front of a handler. */
export function servePeerHandlers(cached: (name: string, handler: Handler) => Handler): void {
	serveRoutes((name, make) => cached(name, async (c) => c.body(await make(c), 200, JSON_TYPE)));
}

function serveRoutes(route: (name: string, make: (c: Context) => Promise<string> | string) => Handler): void {
	const app = new Hono();
	app.get("/runs", (c) => c.text(String(origin.runs)));
	app.get("/work/:id", route("work", makers.work));
	app.get("/payload/:kind/:id", route("thing", makers.thing));
	serve(app.fetch);
}
