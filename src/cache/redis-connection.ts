import { Redis, type RedisOptions } from "ioredis";

export interface RedisAddress {
	host: string;
	port: number;
	password?: string | undefined;
	/** Upper bound on any one command, a backstop behind the request's own deadline. Default 1,000. */
	commandTimeoutMs?: number;
}

export interface RedisConnectionOptions extends RedisAddress {
	onConnected?(): void;
	/** Called for every failure of the connection; attempts go on by themselves. */
	onFailed?(error: Error): void;
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
		retryStrategy: (attempt: number) => Math.min(attempt * 50, 500),
	} satisfies RedisOptions;
}

/** Returns at once, connected or not, and keeps trying. Never keeps a caller waiting. */
export function connectRedis(options: RedisConnectionOptions): Redis {
	const client = new Redis({
		host: options.host,
		port: options.port,
		...(options.password ? { password: options.password } : {}),
		...boundedClientOptions(options.commandTimeoutMs),
	});
	client.on("ready", () => options.onConnected?.());
	client.on("error", (error: Error) => options.onFailed?.(error));
	return client;
}
