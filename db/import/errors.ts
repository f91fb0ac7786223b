/** A file that cannot be used, or an import that cannot start. The message is one sentence for the person at the terminal. */
export class ImportError extends Error {
	override readonly name = "ImportError";
}

/** One row that cannot be used; `reason` is a stable word by which such rows are counted. */
export class Rejection extends Error {
	override readonly name = "Rejection";

	constructor(readonly reason: string) {
		super(reason);
	}
}
