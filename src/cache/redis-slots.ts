import type { Cluster } from "ioredis";

export interface WatchedSlots {
	/** Whether the master of every slot can be sent commands now, as far as is known. */
	readonly reachable: boolean;
}

/**
 * Tells when slots have another master than before. A replica that took over may have missed what its master was told,
 * and no connection needs to break for that: so this is told before anything is asked of the new one. What was under
 * way is answered after it.
 */
export function watchSlots(cluster: Cluster, onMoved: () => void): WatchedSlots {
	let owners: Owners | undefined;

	cluster.on("refresh", () => {
		const found = ownersOf(cluster);
		const moved = owners !== undefined && owners.ranges !== found.ranges;
		owners = found;
		if (moved) onMoved();
	});

	// The client has no event for it, and sends the command on at once.
	const { handleError } = cluster;
	cluster.handleError = (error, ...rest) => {
		if (error.message.startsWith("MOVED ")) onMoved();
		handleError.call(cluster, error, ...rest);
	};

	return {
		get reachable() {
			if (cluster.status !== "ready" || !owners) return false;
			const able = new Set(
				cluster
					.nodes("master")
					.filter(({ status }) => status === "ready" || status === "wait")
					.map(({ options }) => `${options.host}:${options.port}`),
			);
			return [...owners.masters].every((master) => able.has(master));
		},
	};
}

interface Owners {
	/** `host:port` of each. */
	readonly masters: ReadonlySet<string>;
	/** Where each range begins, and whose it is. */
	readonly ranges: string;
}

function ownersOf({ slots }: Cluster): Owners {
	const masters = new Set<string>();
	const ranges: string[] = [];
	let before: string | undefined;
	for (const [slot, [owner = ""] = []] of slots.entries()) {
		if (owner === before) continue;
		before = owner;
		masters.add(owner);
		ranges.push(`${slot} ${owner}`);
	}
	masters.delete("");
	return { masters, ranges: ranges.join() };
}
