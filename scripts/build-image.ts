/**
 * `bun run build:image -- FOLDER` makes the file system of the image in a new folder, without Docker: what the Dockerfile
 * copies, Bun, and the libraries that Bun needs.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { TerminalError } from "../src/cli/terminal.ts";
import { addBase } from "./image/base.ts";
import { buildImageFiles } from "./image/build.ts";
import { bundleBytes, folderBytes, loadedBytes } from "./image/sizes.ts";
import { runScript } from "./run.ts";

await runScript(async () => {
	const [name, ...rest] = process.argv.slice(2);
	if (!name || rest.length > 0) throw new TerminalError("bun run build:image -- FOLDER");
	const root = resolve(name);
	if (existsSync(root) && readdirSync(root).length > 0) throw new TerminalError(`${root} is not empty.`);
	mkdirSync(root, { recursive: true });
	const config = buildImageFiles(root);
	addBase(root, config);
	const app = join(root, config.workingFolder);
	const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} KB`;
	console.log(`${root}: ${kilobytes(folderBytes(root))}, ${kilobytes(bundleBytes(app))} of them bundles.`);
	console.log(`A server reads ${kilobytes(loadedBytes(join(app, "server.js")))} of these as it starts.`);
	console.log(`Run ${[...config.entrypoint, ...config.command].join(" ")} in ${config.workingFolder}.`);
	return 0;
});
