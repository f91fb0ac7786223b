/** What a server says of itself. */
export interface Standing {
	/** Which database it is: another one may have the same versions. */
	readonly epoch: string;
	/** The data version. */
	readonly version: number;
	/** It replays what another one writes. */
	readonly isReplica: boolean;
	/** How far it has written or replayed, in bytes. */
	readonly wal: number;
}

/** How far the primary was at which moment. */
export interface PrimaryTrail {
	/** What the primary said to a question that was asked `at` that moment, milliseconds. */
	saw(standing: Standing, at: number): void;
	/**
	 * Milliseconds for which changes may be missing on such a replica: since the last question to the primary whose answer it has
	 * replayed. Infinity where none of them is, and for what is no replica of this primary.
	 */
	lagOf(replica: Standing, now: number): number;
}

/**
 * The time of the last replayed commit would not do: on a quiet primary it grows old although nothing is missing. So positions are
 * compared with where the primary was at moments that we know.
 */
export function createTrail(keepMs: number): PrimaryTrail {
	let marks: { at: number; wal: number }[] = [];
	let epoch: string | undefined;

	return {
		saw(standing, at) {
			if (standing.epoch !== epoch) marks = [];
			epoch = standing.epoch;
			// Where nothing is written one mark goes on with the time.
			if (marks.at(-1)?.wal === standing.wal) marks.pop();
			marks.push({ at, wal: standing.wal });
			while ((marks[1]?.at ?? at) < at - keepMs) marks.shift();
		},
		lagOf(replica, now) {
			if (!replica.isReplica || replica.epoch !== epoch) return Number.POSITIVE_INFINITY;
			const reached = marks.findLast(({ wal }) => wal <= replica.wal);
			return reached ? now - reached.at : Number.POSITIVE_INFINITY;
		},
	};
}
