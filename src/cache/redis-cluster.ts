import { Cluster, Redis } from "ioredis";
import { credentialsOf, type RedisAddress, type RedisNode } from "./redis-address.ts";
import { boundedClientOptions, retryIn } from "./redis-connection.ts";

export interface ClusterAddress extends RedisAddress {
	cluster: readonly RedisNode[];
}

/**
 * A client that follows slots wherever they go, and never keeps a caller waiting. A command is tried again elsewhere for
 * less than half a second: by then its caller has given up.
 */
export function connectCluster(address: ClusterAddress): Cluster {
	const {
		retryStrategy: _,
		enableOfflineQueue,
		...redisOptions
	} = boundedClientOptions(address.commandTimeoutMs);
	const cluster = new Cluster(
		address.cluster.map(({ host, port }) => ({ host, port })),
		{
			enableOfflineQueue,
			// A cluster that has lost some slots serves the others.
			enableReadyCheck: false,
			clusterRetryStrategy: retryIn,
			slotsRefreshTimeout: 500,
			retryDelayOnFailover: 50,
			retryDelayOnClusterDown: 50,
			retryDelayOnTryAgain: 20,
			maxRedirections: 8,
			// A certificate may be for the name. The system looks it up at each connection.
			dnsLookup: (host, found) => found(null, host),
			redisOptions: { ...redisOptions, ...credentialsOf(address) },
		},
	);
	cluster.on("error", () => {});
	cluster.on("+node", connectSoon);
	return cluster;
}

/** By itself it connects at the first command: those that come while it does so would have to wait for another attempt. */
function connectSoon(node: Redis): void {
	if (node.options.readOnly) return;
	setImmediate(() => {
		if (node.status === "wait") node.connect().catch(() => {});
	});
}

/**
 * For the bus: connected to any node, as what is published on one is heard on all. Every attempt to connect goes to
 * another one, and a node that the cluster has left behind is left here too.
 */
export function connectToAnyNode(address: ClusterAddress, cluster: Cluster): Redis {
	let turn = Math.floor(Math.random() * address.cluster.length);

	function next(): RedisNode {
		const known = cluster.nodes("all").map(({ options: { host, port } }) => ({ host, port }) as RedisNode);
		const nodes = known.length > 0 ? known : address.cluster;
		const others = nodes.filter((node) => !isAt(client, node));
		const choice = others.length > 0 ? others : nodes;
		turn += 1;
		const { host, port } = choice[turn % choice.length] as RedisNode;
		return { host, port };
	}

	const client: Redis = new Redis({
		...(address.cluster[turn] as RedisNode),
		...credentialsOf(address),
		...boundedClientOptions(address.commandTimeoutMs),
		retryStrategy(attempt) {
			Object.assign(client.options, next());
			return retryIn(attempt);
		},
	});
	client.on("error", () => {});
	cluster.on("-node", (node: Redis) => {
		if (client.status === "ready" && isAt(client, node.options)) client.disconnect(true);
	});
	return client;
}

function isAt(
	{ options }: Redis,
	{ host, port }: { host?: string | undefined; port?: number | undefined },
): boolean {
	return options.host === host && options.port === port;
}
