/** What needs a platform with sockets: the shared store, the bus between instances, and a plain connection. */

export type { RedisAddress, RedisNode } from "./redis-address.ts";
export { openRedisBackend, type RedisBackend, type RedisBackendOptions } from "./redis-backend.ts";
export { boundedClientOptions, connectRedis } from "./redis-connection.ts";
