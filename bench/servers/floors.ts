/** The floors: what an answer costs without a cache of any kind, and with the simplest one that could be written. */
import { Hono } from "hono";
import { Redis } from "ioredis";
import { createOrigin } from "./origin.ts";
import { JSON_TYPE } from "./payloads.ts";
import { serve, settings } from "./serve.ts";

const origin = createOrigin(settings.handlerMs);
const app = new Hono();
let handle: (request: Request) => Response | Promise<Response> = app.fetch;

switch (settings.mode) {
	case "bun-constant": {
		const text = origin.payload("A", "1");
		handle = () => new Response(text, { headers: JSON_TYPE });
		break;
	}
	case "hono-constant":
		app.get("/payload/:kind/:id", (c) =>
			c.body(origin.payload(c.req.param("kind"), c.req.param("id")), 200, JSON_TYPE),
		);
		break;
	case "hono-middleware":
		// No cache can be cheaper than a middleware that does nothing, if it is one.
		app.get(
			"/payload/:kind/:id",
			async (_, next) => next(),
			(c) => c.body(origin.payload(c.req.param("kind"), c.req.param("id")), 200, JSON_TYPE),
		);
		break;
	case "redis-get": {
		const redis = new Redis({ port: settings.redisPort, host: "127.0.0.1" });
		app.get("/payload/:kind/:id", async (c) => {
			const { kind, id } = c.req.param();
			const name = `floor:${kind}:${id}`;
			const known = await redis.getBuffer(name);
			if (known)
				return c.body(
					new Uint8Array(known.buffer as ArrayBuffer, known.byteOffset, known.byteLength),
					200,
					JSON_TYPE,
				);
			const text = origin.payload(kind, id);
			await redis.set(name, text, "EX", 3600);
			return c.body(text, 200, JSON_TYPE);
		});
		break;
	}
	case "naive": {
		const redis = new Redis({ port: settings.redisPort, host: "127.0.0.1" });
		const through = async (name: string, make: () => Promise<string> | string): Promise<object> => {
			const known = await redis.get(name);
			if (known) return JSON.parse(known);
			const text = await make();
			await redis.set(name, text, "EX", 3600);
			return JSON.parse(text);
		};
		app.get("/runs", (c) => c.text(String(origin.runs)));
		app.get("/work/:id", async (c) => {
			const id = c.req.param("id");
			return c.json(await through(`naive:work:${id}`, () => origin.work(id)));
		});
		app.get("/payload/:kind/:id", async (c) => {
			const { kind, id } = c.req.param();
			return c.json(await through(`naive:${kind}:${id}`, () => origin.payload(kind, id)));
		});
		break;
	}
	default:
		throw new TypeError(`There is no floor "${settings.mode}"`);
}

serve(handle);
