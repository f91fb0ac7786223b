/** Something took longer than we wait. Its code is that of a connection that timed out. */
export class TooLate extends Error {
	override readonly name = "TooLate";
	readonly code = "ETIMEDOUT";
}

/** What `work` resolves to. @throws {TooLate} when that takes more than `ms` milliseconds; the work itself goes on. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new TooLate(`no answer within ${ms} ms`)), ms);
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}
