/** Something that the person at the terminal can put right: only the sentence is shown, no stack. */
export class DevError extends Error {
	override readonly name = "DevError";
}

/** What to print for an error that ends a command: a stack only where it is a fault of the program itself. */
export function sentenceOf(error: unknown): string {
	if (error instanceof DevError) return error.message;
	if (!(error instanceof Error)) return String(error);
	// Drizzle's message repeats the statement and its parameters; what the system or PostgreSQL said is the cause.
	const cause = error.cause instanceof Error ? error.cause : error;
	return "code" in cause ? `That did not work: ${cause.message}` : (error.stack ?? error.message);
}
