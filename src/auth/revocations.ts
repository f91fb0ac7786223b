import type { Logger } from "../lib/logger.ts";
import type { CredentialMemory } from "./memory.ts";

/** How instances tell each other what must be forgotten; the cache's bus is one. */
export interface RevocationBus {
	/** May reject: whoever was not told finds out when what it remembers has run out. */
	publish(topic: string, items: readonly string[]): Promise<void>;
	/** Hears what other instances publish, until the returned function is called. */
	on(topic: string, listener: (items: readonly string[]) => void): () => void;
}

export interface Revocations {
	/** Forgets these sessions, and tells the other instances without anybody waiting for it. */
	revoked(sessionIds: readonly string[]): void;
	/** Resolves when whoever could be told has been told. */
	settled(): Promise<void>;
}

const REVOKED_SESSIONS = "revoked-sessions";
const REVOKED_USERS = "revoked-users";

/**
 * What is heard is a hint to ask the database again, never a reason to believe somebody. A message that was lost costs
 * the 30 s that a checked credential is remembered for.
 */
export function followRevocations(deps: {
	memory: Pick<CredentialMemory, "forget" | "forgetUser">;
	logger: Logger;
	bus: RevocationBus | undefined;
}): Revocations {
	const { memory, logger, bus } = deps;
	const telling = new Set<Promise<void>>();

	function forgetSessions(ids: readonly string[]): void {
		for (const id of ids) memory.forget(id);
	}

	async function tell(ids: readonly string[]): Promise<void> {
		try {
			await bus?.publish(REVOKED_SESSIONS, ids);
		} catch (error) {
			logger.warn({ reason: reasonOf(error) }, "Other instances were not told of a revocation");
		}
	}

	bus?.on(REVOKED_SESSIONS, forgetSessions);
	bus?.on(REVOKED_USERS, (ids) => {
		for (const id of ids) memory.forgetUser(id);
	});
	return {
		revoked(ids) {
			forgetSessions(ids);
			if (!bus || ids.length === 0) return;
			const told = tell(ids).finally(() => telling.delete(told));
			telling.add(told);
		},
		async settled() {
			await Promise.all(telling);
		},
	};
}

/** Tells every instance that a user's password, role or standing changed. @throws what the bus threw */
export function publishRevokedUser(bus: Pick<RevocationBus, "publish">, userId: string): Promise<void> {
	return bus.publish(REVOKED_USERS, [userId]);
}

function reasonOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
