import { expect } from "bun:test";
import { randomUUID } from "node:crypto";
import type { Coordination, FillFailure, Generations } from "../../src/cache/store.ts";
import { bytes, type StoreUnderTest } from "./store-under-test.ts";

export const LONG_MS = 60_000;
/** A lease that runs out within a test; long enough for a few calls to a real server on a busy machine. */
export const SHORT_MS = 150;

/** The calls of a store's capability, in the short forms that its tests use. */
export function callsOn(subject: () => StoreUnderTest) {
	const store = () => subject().store;
	const coordination = (): Coordination => {
		const found = store().coordination;
		if (!found) throw new Error("the store declares no coordination");
		return found;
	};
	const markOf = async (tag: string) => (await coordination().generations([tag]))[0] as string;
	const marksOf = async (...tags: string[]): Promise<Generations> => {
		const marks = await coordination().generations(tags);
		return Object.fromEntries(tags.map((tag, index) => [tag, marks[index] as string]));
	};
	const acquire = (key: string, token: string, leaseMs = LONG_MS) =>
		coordination().acquire(key, token, leaseMs);
	const commit = (key: string, text: string, token: string, generations: Generations = {}) =>
		coordination().commit(key, bytes(text), LONG_MS, { token, generations });
	/** Fills a key as a caller would. */
	const fill = async (key: string, text: string, generations: Generations = {}) => {
		const token = randomUUID();
		expect((await acquire(key, token)).state).toBe("won");
		expect(await commit(key, text, token, generations)).toBe("stored");
	};

	return { store, coordination, markOf, marksOf, acquire, commit, fill };
}

export function failure(failures: number, retryInMs: number, status = 500): FillFailure {
	return { status, failures, retryInMs };
}

/** A name that no other test uses; several suites may share one server. */
export function unique(beginning: string): string {
	return `${beginning}${randomUUID().slice(0, 8)}`;
}
