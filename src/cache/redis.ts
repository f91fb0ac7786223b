import { Redis } from "ioredis";

export interface RedisConnectionOptions {
	host: string;
	port: number;
	password?: string | undefined;
	/** Upper bound on any one command, a backstop behind the request's own deadline. */
	commandTimeoutMs?: number;
	onConnected?(): void;
	/** Called for every failure of the connection; attempts go on by themselves. */
	onFailed?(error: Error): void;
}

/**
 * A client that never keeps a caller waiting: with ioredis' own defaults a frozen or absent Redis holds every command
 * for seconds and queues without bound. Returns at once, connected or not, and keeps trying.
 */
export function connectRedis(options: RedisConnectionOptions): Redis {
	const client = new Redis({
		host: options.host,
		port: options.port,
		...(options.password ? { password: options.password } : {}),
		connectTimeout: 500,
		commandTimeout: options.commandTimeoutMs ?? 1_000,
		socketTimeout: 1_000,
		enableOfflineQueue: false,
		maxRetriesPerRequest: 0,
		autoResendUnfulfilledCommands: false,
		retryStrategy: (attempt) => Math.min(attempt * 50, 500),
	});
	client.on("ready", () => options.onConnected?.());
	client.on("error", (error: Error) => options.onFailed?.(error));
	return client;
}
