import { bunServer, type ServerKind } from "../measure/server.ts";
import { flask } from "./flask.ts";
import { nginx } from "./nginx.ts";
import { nodeServer } from "./node-server.ts";
import { needPackages } from "./packages.ts";

/** A library for Bun, in Hono; `file` where it is not named as the peer is. */
function honoPeer(name: string, packages: readonly string[], file = name): ServerKind {
	const kind = bunServer(name, new URL(`servers/${file}.ts`, import.meta.url), {
		mode: name,
		usesRedis: true,
	});
	return {
		...kind,
		async start(scope, settings) {
			needPackages(packages);
			return kind.start(scope, settings);
		},
	};
}

/** What others have made for the same purpose. Which of them there are here turns out when they are started. */
export const peerServers: readonly ServerKind[] = [
	honoPeer("bentocache-tiers", ["bentocache"], "bentocache"),
	honoPeer("bentocache-redis", ["bentocache"], "bentocache"),
	honoPeer("bentocache-tiers-objects", ["bentocache"], "bentocache"),
	honoPeer("bentocache-redis-objects", ["bentocache"], "bentocache"),
	honoPeer("ocache", ["ocache"]),
	honoPeer("cacheable", ["cacheable", "@keyv/redis", "keyv"]),
	honoPeer("cache-manager", ["cache-manager", "@keyv/redis", "keyv"]),
	honoPeer("async-cache-dedupe", ["async-cache-dedupe"]),
	honoPeer("cachified", ["@epic-web/cachified"]),
	nodeServer("fastify-caching", ["fastify", "@fastify/caching"]),
	nodeServer("apicache", ["express", "apicache"]),
	nginx,
	flask,
];
