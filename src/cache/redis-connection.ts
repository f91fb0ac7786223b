import { Redis, type RedisOptions } from "ioredis";
import { credentialsOf, type RedisSentinels, type RedisServerAddress, tlsOptions } from "./redis-address.ts";

export interface RedisConnectionOptions extends RedisServerAddress {
	onConnected?(): void;
	/** Called for every failure of the connection; attempts go on by themselves. */
	onFailed?(error: Error): void;
}

/** Milliseconds until the next attempt. */
export function retryIn(attempt: number): number {
	return Math.min(attempt * 50, 500);
}

/**
 * What keeps an ioredis client from ever holding a caller up, for a server, a Sentinel set or the nodes of a cluster:
 * with its own defaults a frozen or absent Redis holds every command for seconds and queues without bound. A client
 * that is made by `duplicate()` has these too, but no listeners: without one for "error" of its own it writes to the
 * console.
 */
export function boundedClientOptions(commandTimeoutMs = 1_000) {
	return {
		connectTimeout: 500,
		commandTimeout: commandTimeoutMs,
		// A frozen server ends the connection, which ends what waits for it: nothing is carried out long after.
		socketTimeout: 1_000,
		// A link that is given up on is closed at once, not after the other end has said good-bye.
		disconnectTimeout: 100,
		enableOfflineQueue: false,
		maxRetriesPerRequest: 0,
		// A server that is loading says so to each command; the check would look again only after a second or more.
		enableReadyCheck: false,
		autoResendUnfulfilledCommands: false,
		retryStrategy: retryIn,
	} satisfies RedisOptions;
}

/** Returns at once, connected or not, and keeps trying. Never keeps a caller waiting. */
export function connectRedis(options: RedisConnectionOptions): Redis {
	const { host, port, sentinel, tls } = options;
	const client = new Redis({
		...(sentinel ? sentinelOptions(sentinel, tls) : { host, port }),
		...credentialsOf(options),
		...boundedClientOptions(options.commandTimeoutMs),
	});
	client.on("ready", () => options.onConnected?.());
	client.on("error", (error: Error) => options.onFailed?.(error));
	return client;
}

/** A Sentinel that cannot be reached is told of on the console at each attempt: seldom, as the others know as much. */
const SENTINEL_AGAIN_MS = 5_000;

function sentinelOptions(sentinel: RedisSentinels, tls: RedisServerAddress["tls"]) {
	const { nodes, primary, username, password } = sentinel;
	return {
		sentinels: nodes.map(({ host, port }) => ({ host, port })),
		name: primary,
		...(username ? { sentinelUsername: username } : {}),
		...(password ? { sentinelPassword: password } : {}),
		...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(tls) } : {}),
		sentinelRetryStrategy: retryIn,
		sentinelCommandTimeout: 500,
		// Some are known by names that mean something to each other only.
		updateSentinels: false,
		// The former primary may not know yet that it is none: its connections are left when Sentinels say so.
		failoverDetector: true,
		sentinelReconnectStrategy: () => SENTINEL_AGAIN_MS,
		// One that became a replica would go on answering reads.
		reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
	} satisfies RedisOptions;
}
