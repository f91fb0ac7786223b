import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

const { dependencies, devDependencies, patchedDependencies } = await Bun.file(
	join(root, "package.json"),
).json();
const patches = Object.values<string>(patchedDependencies);
const packages = Object.keys({ ...dependencies, ...devDependencies });

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "retyn install "));
	for (const name of ["package.json", "bun.lock", "scripts/install.mjs", ...patches])
		await cp(join(root, name), join(folder, name));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Installs with a stand-in for Bun, which makes what an installation has to leave behind. */
async function install({ exitCode = 0, works = true } = {}) {
	const agent = join(folder, "agent");
	const made = [
		'mkdir -p node_modules/.bin; cp "$0" node_modules/.bin/bun',
		...packages.map((name) => `mkdir -p node_modules/${name}; touch node_modules/${name}/package.json`),
	].join("\n");
	const version = works ? "echo 0.0.0" : "exit 1";
	await writeFile(
		agent,
		`#!/bin/sh
if [ "$1" = --version ]; then case "$0" in */.bin/bun) ${version};; *) echo 0.0.0;; esac; exit; fi
echo "$@" >> calls
[ ${exitCode} = 0 ] || exit ${exitCode}
${made}
`,
		{ mode: 0o755 },
	);
	const { status, stderr } = spawnSync("node", [join(folder, "scripts/install.mjs")], {
		encoding: "utf8",
		env: { PATH: process.env["PATH"] ?? "", npm_config_user_agent: "bun/0.0.0", npm_execpath: agent },
	});
	const calls = existsSync(join(folder, "calls")) ? await Bun.file(join(folder, "calls")).text() : "";
	return {
		status,
		stderr,
		installs: calls.split("\n").filter((line) => line === "install --frozen-lockfile").length,
	};
}

// The script is for machines with Node; with Bun alone `bun run dev` runs it, and that is how these tests were started.
if (Bun.which("node")) {
	describe("scripts/install.mjs", () => {
		test("installs what the lock file lists once, and is silent from then on", async () => {
			expect(await install()).toMatchObject({ status: 0, installs: 1 });
			expect(await install()).toMatchObject({ status: 0, installs: 1, stderr: "" });
		});

		test("installs again when the lock file has changed", async () => {
			await install();
			await writeFile(join(folder, "bun.lock"), "another");
			expect(await install()).toMatchObject({ status: 0, installs: 2 });
		});

		test("installs again after npm was used by hand", async () => {
			await install();
			await writeFile(join(folder, "node_modules", ".package-lock.json"), "{}");
			expect(await install()).toMatchObject({ status: 0, installs: 2 });
		});

		test.each(["@hono/zod-validator", "yaml"])(
			"installs again what was deleted by half, %s for one",
			async (name) => {
				await install();
				await rm(join(folder, "node_modules", name), { recursive: true });
				expect(await install()).toMatchObject({ status: 0, installs: 2 });
				expect(await install()).toMatchObject({ status: 0, installs: 2 });
			},
		);

		test("is not done when it failed: the next start tries again", async () => {
			const failed = await install({ exitCode: 7 });
			expect(failed).toMatchObject({ status: 1, installs: 1 });
			expect(failed.stderr).toContain("ended with exit code 7");
			expect(await install()).toMatchObject({ status: 0, installs: 2 });
		});

		test("says so when the Bun that came with the packages does not start", async () => {
			const { status, stderr } = await install({ works: false });
			expect(status).toBe(1);
			expect(stderr).toContain("does not start");
		});

		test("takes over from a copy that was killed, whatever number it had", async () => {
			await mkdir(join(folder, "node_modules"));
			await writeFile(
				join(folder, "node_modules", ".retyn-installing-3"),
				`${process.pid} not-when-this-one-started`,
			);
			expect(await install()).toMatchObject({ status: 0, installs: 1 });
			const claims = (await readdir(join(folder, "node_modules"))).filter((name) =>
				name.includes("installing"),
			);
			expect(claims).toEqual([".retyn-installing-4"]);
		});

		test("without npm and without Bun says what to install", () => {
			const node = Bun.which("node") ?? "";
			const { status, stderr } = spawnSync(node, [join(folder, "scripts/install.mjs")], {
				encoding: "utf8",
				env: { PATH: folder },
			});
			expect(status).toBe(1);
			expect(stderr).toContain("Neither npm nor Bun was found in PATH");
		});
	});
}
