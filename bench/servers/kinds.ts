import { bunServer, type ServerKind } from "../measure/server.ts";

const floors = new URL("floors.ts", import.meta.url);
const ours = new URL("ours.ts", import.meta.url);

/** All servers that cases can name. Peers are in `../peers`. */
export const ownServers = [
	bunServer("bun-constant", floors, { mode: "bun-constant" }),
	bunServer("hono-constant", floors, { mode: "hono-constant" }),
	bunServer("hono-middleware", floors, { mode: "hono-middleware" }),
	bunServer("redis-get", floors, { mode: "redis-get", usesRedis: true }),
	bunServer("naive", floors, { mode: "naive", usesRedis: true }),
	bunServer("ours-memory", ours, { mode: "memory" }),
	bunServer("ours-redis", ours, { mode: "redis", usesRedis: true }),
	bunServer("ours-tiers", ours, { mode: "tiers", usesRedis: true }),
] satisfies ServerKind[];
