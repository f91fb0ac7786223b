/**
 * bentocache over Redis alone, or with memory in front of it and the bus that its documentation wants among several
 * instances. Single flight is always on. A grace period keeps entries for when a handler fails, as its guide shows.
 */
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { redisBusDriver, redisDriver } from "bentocache/drivers/redis";
import { mode, redisAddress, servePeer, servePeerObjects, TTL_S } from "../hono-peer.ts";

const redis = bentostore().useL2Layer(redisDriver({ connection: redisAddress }));
const tiers = bentostore()
	.useL1Layer(memoryDriver({ maxSize: "64mb" }))
	.useL2Layer(redisDriver({ connection: redisAddress }))
	.useBus(redisBusDriver({ connection: redisAddress }));

const cache = new BentoCache({
	default: "chosen",
	ttl: `${TTL_S}s`,
	grace: "6h",
	stores: { chosen: mode.startsWith("bentocache-tiers") ? tiers : redis },
});

if (mode.endsWith("-objects")) servePeerObjects((key, factory) => cache.getOrSet({ key, factory }));
else servePeer((key, factory) => cache.getOrSet({ key, factory }));
