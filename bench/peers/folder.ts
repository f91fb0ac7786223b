import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { type Payload, payload } from "../servers/payloads.ts";

const KINDS: readonly Payload[] = ["A", "B", "C"];
/** As many ids of each kind as the cases ask for. */
const IDS = 64;

/** A folder of one server, which servers that give up root's rights may pass through; removed at the scope's end. */
export function peerFolder(scope: Scope, name: string): string {
	const folder = mkdtempSync(join(tmpdir(), `retyn-bench-${name}-`));
	scope.defer(() => rmSync(folder, { recursive: true, force: true }));
	chmodSync(folder, 0o711);
	return folder;
}

/**
 * Writes the payloads for servers that cannot run the code that makes them.
 *
 * @returns the file: JSON, `"A/1"` -> text
 */
export function writePayloads(folder: string): string {
	const texts: Record<string, string> = {};
	for (const kind of KINDS) {
		for (let id = 1; id <= IDS; id += 1) texts[`${kind}/${id}`] = payload(kind, String(id));
	}
	const file = join(folder, "payloads.json");
	writeFileSync(file, JSON.stringify(texts));
	return file;
}
