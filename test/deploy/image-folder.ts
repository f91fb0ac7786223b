import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { type Copy, DockerfileParser } from "dockerfile-ast";
import packageJson from "../../package.json" with { type: "json" };
import { projectFile, projectPath } from "./files.ts";

/** A folder that holds what the image's working folder would hold. */
export interface ImageFolder {
	readonly path: string;
	remove(): void;
}

/**
 * Follows the Dockerfile without Docker: the build stage's copies and nothing else, the production dependencies and no
 * others, the bundles, then the final stage's copies.
 *
 * @throws with the bundler's words where the build would fail.
 */
export function createImageFolder(): ImageFolder {
	const root = mkdtempSync(join(tmpdir(), "retyn-image-"));
	const remove = () => rmSync(root, { recursive: true });
	try {
		return { path: buildImageFolder(root), remove };
	} catch (error) {
		remove();
		throw error;
	}
}

function buildImageFolder(root: string): string {
	const [build, image] = [join(root, "build"), join(root, "app")];
	const dockerfile = DockerfileParser.parse(projectFile("Dockerfile"));
	const finalStage = dockerfile.getFROMs().at(-1)?.getRange().start.line ?? 0;
	const copies = dockerfile.getCOPYs();
	const inFinalStage = (copy: Copy) => copy.getRange().start.line > finalStage;

	for (const copy of copies.filter((each) => !inFinalStage(each))) carryOut(copy, projectPath(""), build);
	linkProductionDependencies(build);
	const PATH = [projectPath("node_modules/.bin"), process.env["PATH"]].join(delimiter);
	const options = { cwd: build, env: { ...process.env, PATH }, encoding: "utf8" } as const;
	const { status, stderr } = spawnSync("bun", ["run", "build"], options);
	if (status !== 0) throw new Error(`bun run build failed: ${stderr}`);
	for (const copy of copies.filter(inFinalStage)) {
		carryOut(copy, copy.getFromFlag() ? root : projectPath(""), image);
	}
	return image;
}

/** COPY as Docker does it: a folder's contents, or a file under its own name if the target is a folder. */
function carryOut(copy: Copy, context: string, folder: string): void {
	const paths = copy.getArguments().map(String);
	const target = paths.pop() ?? "";
	for (const path of paths) {
		const source = join(context, path);
		const isFile = /\.\w+$/.test(path);
		const destination = resolve(folder, target, isFile && target.endsWith("/") ? basename(path) : "");
		mkdirSync(dirname(destination), { recursive: true });
		cpSync(source, destination, { recursive: true });
	}
}

/** What `bun install --production` would leave to import: the development packages are not to be found from here. */
function linkProductionDependencies(folder: string): void {
	for (const name of Object.keys(packageJson.dependencies)) {
		const link = join(folder, "node_modules", name);
		mkdirSync(dirname(link), { recursive: true });
		symlinkSync(projectPath(`node_modules/${name}`), link, "dir");
	}
}
