export interface SilenceOptions {
	/** Asks the database something small. @throws when it does not answer in time */
	ask(): Promise<void>;
	/** Called when it turned out to be silent. */
	onSilent(cause: unknown): void;
	/** Milliseconds from one question to the next while it is silent. @default 200 */
	everyMs?: number | undefined;
}

/** Whether the database answers. */
export interface Silence {
	/** Why it does not; undefined while it does. */
	readonly cause: unknown;
	/** A query failed, or takes long: the database is asked, unless it is being asked. */
	suspect(): void;
	/** A query was answered. */
	answered(): void;
	/** Asks no more. */
	end(): void;
}

const EVERY_MS = 200;

/** One asks for all, a few times a second while there is no answer: whoever needs the database need not try for himself. */
export function createSilence({ ask, onSilent, everyMs = EVERY_MS }: SilenceOptions): Silence {
	let cause: unknown;
	let answers = 0;
	let asking = false;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let ended = false;

	async function look(): Promise<void> {
		clearTimeout(timer);
		if (asking || ended) return;
		asking = true;
		const before = answers;
		try {
			await ask();
			cause = undefined;
		} catch (error) {
			// Somebody was answered meanwhile: it is not the database that is away.
			if (answers === before) {
				const isNew = cause === undefined;
				cause = error;
				if (isNew) onSilent(error);
			}
		}
		asking = false;
		if (cause === undefined || ended) return;
		timer = setTimeout(look, everyMs);
		timer.unref?.();
	}

	return {
		get cause() {
			return cause;
		},
		suspect() {
			if (cause === undefined) void look();
		},
		answered() {
			answers += 1;
			cause = undefined;
		},
		end() {
			ended = true;
			clearTimeout(timer);
		},
	};
}
