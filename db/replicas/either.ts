import type { Sql } from "postgres";
import { lossOf } from "./gone.ts";

export interface Either {
	/** For Drizzle, and for reads alone: what writes fails on a replica, and is not tried again. */
	readonly sql: Sql;
	/** The replica does not answer any more: what it was asked and has not answered is asked of the primary. */
	lost(): void;
}

interface Answer extends PromiseLike<unknown> {
	values(): PromiseLike<unknown>;
}

/** The part of the driver that Drizzle asks by. */
interface Asked {
	unsafe(...args: unknown[]): Answer;
}

/** Given up by us: the replica gave no sign. Its code is that of a connection that timed out. */
class ReplicaLost extends Error {
	override readonly name = "ReplicaLost";
	readonly code = "ETIMEDOUT";
}

/** A driver that asks a replica, and the primary once where the replica is lost meanwhile. Transactions are the primary's. */
export function eitherOf(replica: Sql, primary: Sql, onGone: (error: unknown) => void): Either {
	const [first, second] = [replica, primary] as unknown as [Asked, Asked];
	const inFlight = new Set<(error: Error) => void>();

	function unlessLost(query: PromiseLike<unknown>): Promise<unknown> {
		return new Promise((resolve, reject) => {
			const end = () => inFlight.delete(reject);
			inFlight.add(reject);
			query.then(resolve, reject).then(end);
		});
	}

	async function ask(args: unknown[], how: (query: Answer) => PromiseLike<unknown>): Promise<unknown> {
		try {
			return await unlessLost(how(first.unsafe(...args)));
		} catch (error) {
			const loss = lossOf(error);
			if (!loss) throw error;
			if (loss === "gone" && !(error instanceof ReplicaLost)) onGone(error);
			return how(second.unsafe(...args));
		}
	}

	/** As lazy as the driver's own: it begins when somebody waits for it. */
	const unsafe = (...args: unknown[]): Answer => ({
		values: () => ask(args, (query) => query.values()),
		// biome-ignore lint/suspicious/noThenProperty: queries of the driver are waited for themselves
		then: (resolve, reject) => ask(args, (query) => query).then(resolve, reject),
	});

	return {
		sql: Object.assign(() => {}, replica, { unsafe, begin: primary.begin }) as unknown as Sql,
		lost() {
			for (const reject of [...inFlight]) reject(new ReplicaLost("The replica does not answer"));
		},
	};
}
