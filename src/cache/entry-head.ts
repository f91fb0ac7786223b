import { AFTER_SIGNATURE, BEFORE_SIGNATURE, ENTRY_VERSION, type Entry } from "./entry.ts";
import { SIGNATURE_LENGTH } from "./signature.ts";

/** As many bytes as hold what `readHead` looks for. */
export const HEAD_BYTES = 256;

export type EntryHead = Pick<Entry, "policy" | "status" | "storedAt" | "freshUntil">;

/**
 * What the first bytes of an entry say of it; undefined for bytes that are not ours. Nothing is checked: the signature is
 * of the whole, and all that is asked here is whether there is one, where there must be.
 */
export function readHead(head: Uint8Array, signed: boolean): EntryHead | undefined {
	const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString("latin1");
	const [, signature, policy, status, storedAt, freshUntil] = BEGINNING.exec(text) ?? [];
	if (policy === undefined || (signed && signature === undefined)) return undefined;
	return { policy, status: Number(status), storedAt: Number(storedAt), freshUntil: Number(freshUntil) };
}

/** The members that the line begins with, in the order in which the codec writes them. */
const BEGINNING = new RegExp(
	[
		`^\\{(?:${BEFORE_SIGNATURE.slice(1)}([\\w-]{${SIGNATURE_LENGTH}})${AFTER_SIGNATURE})?`,
		`"v":${ENTRY_VERSION},"policy":"([a-z][a-z0-9_-]*)","status":(\\d{3}),`,
		'"storedAt":(-?\\d+(?:\\.\\d+)?),"freshUntil":(-?\\d+(?:\\.\\d+)?),',
	].join(""),
);
