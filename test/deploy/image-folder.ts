import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImageFiles } from "../../scripts/image/build.ts";

/** A folder that holds what the image's working folder would hold. */
export interface ImageFolder {
	readonly path: string;
	remove(): void;
}

/** @throws with the bundler's words where the build would fail */
export function createImageFolder(): ImageFolder {
	const root = mkdtempSync(join(tmpdir(), "retyn-image-"));
	const remove = () => rmSync(root, { recursive: true });
	try {
		return { path: join(root, buildImageFiles(root).workingFolder), remove };
	} catch (error) {
		remove();
		throw error;
	}
}
