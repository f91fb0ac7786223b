import type { Sql } from "postgres";

/** A pool whose connections can all be given up for new ones. Connects lazily, like the driver's own. */
export interface RenewablePool {
	readonly current: Sql;
	/**
	 * From now on queries have new connections. Those that are under way have so many seconds to finish; then they are rejected, and
	 * their connections closed, whether or not the other end says anything.
	 */
	renew(withinS: number): void;
	end(timeoutS: number): Promise<void>;
}

/** @param open makes the driver's pool, each time with the same settings */
export function renewablePool(open: () => Sql): RenewablePool {
	let current = open();
	const ending = new Set<Promise<void>>();

	return {
		get current() {
			return current;
		},
		renew(withinS) {
			const old = current;
			current = open();
			// What was changed of these since, as Drizzle does.
			Object.assign(current.options.parsers, old.options.parsers);
			Object.assign(current.options.serializers, old.options.serializers);
			const ended = old
				.end({ timeout: withinS })
				.catch(() => {})
				.finally(() => ending.delete(ended));
			ending.add(ended);
		},
		async end(timeoutS) {
			await Promise.all([current.end({ timeout: timeoutS }), ...ending]);
		},
	};
}
