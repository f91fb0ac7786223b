/** One cached route over memory, open to everybody or behind the product's own sign-in. */
import { Hono } from "hono";
import { openDatabase } from "../../db/client.ts";
import { createAuth } from "../../src/auth/index.ts";
import { cached, createCache, createMemoryStore } from "../../src/cache/index.ts";
import { bunPasswords } from "../../src/cli/bun-passwords.ts";
import { readConfig } from "../../src/config.ts";
import type { AppEnv } from "../../src/http/env.ts";
import { answerError } from "../../src/http/errors.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { createOrigin, JSON_TYPE } from "../servers/origin.ts";
import { serve, settings } from "../servers/serve.ts";

const MEMORY_BYTES = 64 * 1024 * 1024;

const store = createMemoryStore({ clock: systemClock, maxBytes: MEMORY_BYTES });
const cache = createCache({ store, clock: systemClock });
const origin = createOrigin(settings.handlerMs);
const app = new Hono<AppEnv>().onError(answerError);

if (settings.mode === "signed-in") {
	const config = readConfig(process.env);
	const auth = createAuth({
		db: openDatabase({ url: config.database.url }).db,
		clock: systemClock,
		logger: silentLogger,
		passwords: bunPasswords,
		config: config.auth,
		trustProxy: false,
		clientAddress: () => undefined,
	});
	app.use(auth.requireCaller);
}
const things = cached<AppEnv>(cache, { name: "things", prefix: "things:", scope: "shared", ttl: 3600 });
app.get("/payload/:kind/:id", things, (c) =>
	c.body(origin.payload(c.req.param("kind"), c.req.param("id")), 200, JSON_TYPE),
);

serve(app.fetch);
