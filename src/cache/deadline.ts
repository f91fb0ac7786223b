import { StoreUnavailable } from "./failure.ts";

/** @throws {StoreUnavailable} when the work has not ended within the time; it is not stopped. */
export async function withinMs<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
	const late = Promise.withResolvers<never>();
	const timer = setTimeout(
		() => late.reject(new StoreUnavailable(`${what}: no answer within ${ms} ms`, "timeout")),
		ms,
	);
	try {
		return await Promise.race([work, late.promise]);
	} finally {
		clearTimeout(timer);
	}
}
