import { z } from "zod";
import { type Config, ConfigError, readConfig } from "../config.ts";

/** What Cloudflare hands over: variables and secrets as text, Hyperdrive as an object. */
export type Bindings = Record<string, unknown>;

export interface EdgeSettings {
	config: Config;
	/** Pooled by Hyperdrive where it is bound, else DATABASE_URL. */
	databaseUrl: string;
	store: EdgeStore;
}

export type EdgeStore =
	| { kind: "none" }
	/** What each data centre keeps for itself. */
	| { kind: "cache-api" }
	/** The Redis of the servers at the origin. */
	| { kind: "redis-http"; url: string; token: string };

const redisVariables = z.object({
	UPSTASH_REDIS_REST_URL: z.union([
		z.url({ protocol: /^https$/ }),
		// The token goes along: in the clear to this machine alone.
		z.url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost)$/ }),
	]),
	UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
});
const storeKind = z.enum(["none", "cache-api", "redis-http"]).optional();
const hyperdrive = z.object({ connectionString: z.string() });

/** @throws {ConfigError} naming what is missing or wrong */
export function readEdgeSettings(bindings: Bindings): EdgeSettings {
	const texts = Object.fromEntries(
		Object.entries(bindings).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
	);
	const pooled = hyperdrive.safeParse(bindings["HYPERDRIVE"]).data?.connectionString;
	const config = readConfig({ ...texts, ...(pooled && { DATABASE_URL: pooled }) });
	return { config, databaseUrl: config.database.url, store: storeOf(texts) };
}

/** EDGE_STORE or, without it, Redis where there is one: what is set by half must not look like a service without a cache. */
function storeOf(texts: Record<string, string>): EdgeStore {
	const kind = storeKind.safeParse(texts["EDGE_STORE"] || undefined);
	if (!kind.success) throw new ConfigError("EDGE_STORE must be none, cache-api or redis-http");
	const isRedisSet = Object.keys(redisVariables.shape).some((name) => texts[name]);
	const wanted = kind.data ?? (isRedisSet ? "redis-http" : "none");
	if (wanted !== "redis-http") return { kind: wanted };
	const { data } = redisVariables.safeParse(texts);
	if (!data) {
		throw new ConfigError(
			"UPSTASH_REDIS_REST_URL must be an address, https://..., and UPSTASH_REDIS_REST_TOKEN its token",
		);
	}
	return { kind: wanted, url: data.UPSTASH_REDIS_REST_URL, token: data.UPSTASH_REDIS_REST_TOKEN };
}
