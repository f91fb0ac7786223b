/** cacheable: memory in front of Redis, with the settings that both have by default; `getOrSet` has a single flight. */
import { createKeyv } from "@keyv/redis";
import { Cacheable } from "cacheable";
import { redisUrl, servePeer, TTL_S } from "../hono-peer.ts";

const cache = new Cacheable({ secondary: createKeyv(redisUrl), ttl: TTL_S * 1000 });
// An event of this name that nobody listens to is thrown.
cache.on("error", () => {});

servePeer(async (key, make) => {
	const text = await cache.getOrSet(key, async () => make(), { throwErrors: "function" });
	if (text === undefined) throw new TypeError("What is made here is never undefined");
	return text;
});
