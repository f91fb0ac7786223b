import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { projectRoot } from "../../src/cli/dev/places.ts";
import { type CopyStep, type ImageConfig, readDockerfile } from "./dockerfile.ts";

/**
 * Makes what the image adds to its base, without Docker, by following the Dockerfile: the build stage's copies and nothing
 * else, the production dependencies and no others, the bundles, then the final stage's copies.
 *
 * @param root becomes the image's `/`
 * @returns how a container of it is run
 * @throws with the bundler's words where the build would fail
 */
export function buildImageFiles(root: string): ImageConfig {
	const { build, image, config } = readDockerfile();
	const stage = join(root, "build-stage");
	const built = join(stage, "build");
	try {
		for (const step of build) carryOut(step, projectRoot, built);
		linkProductionDependencies(built);
		bundle(built);
		for (const step of image) {
			carryOut(step, step.fromStage ? stage : projectRoot, join(root, config.workingFolder));
		}
	} finally {
		rmSync(stage, { recursive: true, force: true });
	}
	return config;
}

function bundle(folder: string): void {
	const PATH = [join(projectRoot, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
	const options = { cwd: folder, env: { ...process.env, PATH }, encoding: "utf8" } as const;
	const { status, stderr } = spawnSync("bun", ["run", "build"], options);
	if (status !== 0) throw new Error(`bun run build failed: ${stderr}`);
}

/** COPY as Docker does it: a folder's contents, or a file under its own name if the target is a folder. */
function carryOut({ sources, target }: CopyStep, context: string, folder: string): void {
	for (const path of sources) {
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
		symlinkSync(join(projectRoot, "node_modules", name), link, "dir");
	}
}
