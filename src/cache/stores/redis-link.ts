import type { Redis } from "ioredis";
import { failureCause, type StoreFailureCause, StoreUnavailable } from "../failure.ts";
import { forwarding } from "../forward.ts";
import type { CacheStore } from "../store.ts";

/**
 * A client that cannot finish connecting, because the password is wrong for example, says why in an event and answers
 * commands with no more than that it is not connected. This puts the two together.
 */
export function explainingFailures(client: Redis, store: CacheStore): CacheStore {
	let lastError: unknown;
	client.on("error", (error: unknown) => {
		lastError = error;
	});
	client.on("ready", () => {
		lastError = undefined;
	});

	return forwarding(store, async (_call, carryOut) => {
		try {
			return await carryOut();
		} catch (error) {
			if (!isNotConnected(error)) throw error;
			throw new StoreUnavailable("Redis: not connected", reasonFor(lastError), { cause: lastError ?? error });
		}
	});
}

function isNotConnected(error: unknown): boolean {
	const isClusterNotReady = error instanceof Error && error.message.startsWith("Cluster isn't ready");
	return isClusterNotReady || failureCause(error) === "connection";
}

function reasonFor(connectionError: unknown): StoreFailureCause {
	// A cluster's client sums up what its nodes said.
	const { lastNodeError = connectionError } = (connectionError ?? {}) as { lastNodeError?: unknown };
	const cause = failureCause(lastNodeError);
	return cause === "other" ? "connection" : cause;
}
