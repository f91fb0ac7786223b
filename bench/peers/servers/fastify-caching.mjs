// @fastify/caching: its headers (cache-control, and entity tags that it answers with 304), and `fastify.cache` in the
// memory of the process, its default. It leaves it to the route to ask that cache, and has no single flight.
import { createHash } from "node:crypto";
import caching from "@fastify/caching";
import Fastify from "fastify";
import { origin, TTL_S } from "./node-origin.mjs";

const app = Fastify({ logger: false, keepAliveTimeout: 120_000 });
await app.register(caching, { privacy: caching.privacy.PUBLIC, expiresIn: TTL_S });

function known(key) {
	return new Promise((resolve, reject) => {
		app.cache.get(key, (error, found) => (error ? reject(error) : resolve(found?.item)));
	});
}

function keep(key, item) {
	return new Promise((resolve, reject) => {
		app.cache.set(key, item, TTL_S * 1000, (error) => (error ? reject(error) : resolve(item)));
	});
}

async function answer(reply, key, make) {
	const item = (await known(key)) ?? (await keep(key, tagged(await make())));
	return reply
		.type("application/json")
		.etag(item.etag, TTL_S * 1000)
		.send(item.text);
}

function tagged(text) {
	return { text, etag: `"${createHash("sha256").update(text).digest("base64url")}"` };
}

app.get("/runs", async (_, reply) => reply.header("cache-control", "no-store").send(String(origin.runs)));
app.get("/work/:id", ({ params: { id } }, reply) => answer(reply, `work:${id}`, () => origin.work(id)));
app.get("/payload/:kind/:id", ({ params: { kind, id } }, reply) =>
	answer(reply, `thing:${kind}:${id}`, () => origin.payload(kind, id)),
);

await app.listen({ host: "127.0.0.1", port: 0 });
process.stdout.write(`${app.server.address().port}\n`);
