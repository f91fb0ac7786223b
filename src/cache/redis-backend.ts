import type { Cluster, Redis } from "ioredis";
import { announced } from "./announced.ts";
import { type Bus, EVICTED_KEYS, EXPIRED_TAGS, PURGED_TAGS } from "./bus.ts";
import type { Ignored } from "./bus-message.ts";
import type { Clock } from "./clock.ts";
import { type CacheListener, contained } from "./events.ts";
import { gathered } from "./gathered.ts";
import { guarded } from "./guard.ts";
import { instrumented, type StoreObserver } from "./instrument.ts";
import { journaled } from "./journal.ts";
import type { PopularityCounter, PopularityOptions } from "./popularity.ts";
import type { RedisAddress } from "./redis-address.ts";
import { type Allowance, type AllowanceOptions, createRedisAllowance } from "./redis-allowance.ts";
import { createRedisBus } from "./redis-bus.ts";
import { connectCluster, connectToAnyNode } from "./redis-cluster.ts";
import { connectRedis } from "./redis-connection.ts";
import { createRedisPopularity } from "./redis-popularity.ts";
import { watchSlots } from "./redis-slots.ts";
import type { CacheStore } from "./store.ts";
import { createMemoryStore } from "./stores/memory.ts";
import { createRedisStore } from "./stores/redis.ts";
import { tiered } from "./tiers.ts";

export interface RedisBackendOptions {
	/** Where Redis is, or makers of clients with the same care about deadlines and queues (`boundedClientOptions`). */
	redis: RedisAddress | RedisClients;
	/** Bound of the memory tier; 0 for none. */
	memoryBytes: number;
	clock: Clock;
	listener?: CacheListener | undefined;
	/** Milliseconds that one call to Redis may take. */
	deadlineMs: number;
	/** Signs what is said on the bus: the first signs, any is taken. */
	signingKeys?: readonly string[] | undefined;
	/** Of the bus; instances that share a Redis but not their cache need one each. Default "retyn:bus". */
	channel?: string | undefined;
	/** Hears of every call to Redis with its time, below the deadline: one that was given up on is told when it ends. */
	observe?: StoreObserver | undefined;
	/** Called for each message on the bus that is not taken. */
	onIgnored?: ((why: Ignored) => void) | undefined;
	onConnected?: (() => void) | undefined;
	/** Called for every failure of the connection; attempts go on by themselves. */
	onFailed?: ((error: Error) => void) | undefined;
}

export interface RedisClients {
	commands(): Redis | Cluster;
	/** A connection for the bus alone: to the server, to any node of the cluster that `commands` speaks to. */
	subscriber(commands: Redis | Cluster): Redis;
}

export interface RedisBackend {
	readonly store: CacheStore;
	readonly bus: Bus;
	/** Whether commands can be sent now. */
	readonly connected: boolean;
	/** What is asked for most, counted by all instances together under this name. @throws {TypeError} on nonsense */
	counter(name: string, options?: PopularityOptions): PopularityCounter;
	/** A limit under this name that all instances keep together. @throws {TypeError} on nonsense */
	allowance(name: string, options: AllowanceOptions): Allowance;
	/** Ends the connections; purges that are still pending are given up. */
	close(): Promise<void>;
}

/**
 * The store that instances share, with all that makes it fit for use: deadlines and a breaker, a journal of purges that
 * failed, a tier in memory, and a bus that keeps those of all instances true. Returns at once, connected or not.
 */
export function openRedisBackend(options: RedisBackendOptions): RedisBackend {
	const { clock, deadlineMs, memoryBytes, observe } = options;
	const listener = contained(options.listener);
	const clients = "commands" in options.redis ? options.redis : clientsAt(options.redis);
	const client = clients.commands();
	const bus = createRedisBus({ ...options, publisher: client, subscriber: clients.subscriber(client) });

	const redis = createRedisStore({ client, withRemaining: memoryBytes > 0 });
	const guard = guarded(observe ? instrumented(redis, observe) : redis, { deadlineMs, listener });
	const journal = journaled(announced(guard, bus), { clock, listener });
	// Outermost, so that what is around a call is around all that is read in one turn.
	const reads = gathered(journal);
	bus.on(PURGED_TAGS, (tags) => journal.remember({ tags }));
	bus.on(EXPIRED_TAGS, (expired) => journal.remember({ expired }));
	bus.on(EVICTED_KEYS, (keys) => journal.remember({ keys }));

	client.on("error", (error: Error) => options.onFailed?.(error));
	client.on("ready", () => {
		guard.reconnected();
		journal.reconnected();
		options.onConnected?.();
	});
	// A node of a cluster is left when its connection ends; another may have taken its place.
	for (const event of ["close", "-node", "+node"]) client.on(event, journal.reconnected);
	const slots = isCluster(client) ? watchSlots(client, journal.reconnected) : undefined;

	const near = memoryBytes > 0 && createMemoryStore({ clock, maxBytes: memoryBytes });
	return {
		store: near ? tiered({ near, far: reads, bus, clock }) : reads,
		bus,
		get connected() {
			return slots ? slots.reachable : client.status === "ready";
		},
		counter: (name, counting = {}) => createRedisPopularity({ ...counting, client, name }),
		allowance: (name, limit) => createRedisAllowance({ ...limit, client, name, deadlineMs }),
		async close() {
			journal.close();
			await bus.close();
			client.disconnect();
		},
	};
}

function clientsAt(address: RedisAddress): RedisClients {
	const { cluster } = address;
	if (!cluster) return { commands: () => connectRedis(address), subscriber: () => connectRedis(address) };
	return {
		commands: () => connectCluster({ ...address, cluster }),
		subscriber: (commands) => connectToAnyNode({ ...address, cluster }, commands as Cluster),
	};
}

function isCluster(client: Redis | Cluster): client is Cluster {
	return client.isCluster;
}
