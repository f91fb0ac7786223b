/** cache-manager over Redis, through Keyv, as its documentation wants it since version 6; `wrap` has a single flight. */
import { createKeyv } from "@keyv/redis";
import { createCache } from "cache-manager";
import { redisUrl, servePeer, TTL_S } from "../hono-peer.ts";

const redis = createKeyv(redisUrl);
redis.on("error", () => {});

const cache = createCache({ stores: [redis], ttl: TTL_S * 1000 });

servePeer((key, make) => cache.wrap(key, async () => make()));
