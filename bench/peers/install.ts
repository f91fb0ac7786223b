import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canInstallPackages, installPackages } from "../../scripts/debian-packages.ts";
import { ending } from "../../src/cli/dev/processes.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { sentenceOf } from "../../src/cli/terminal.ts";
import { findPython } from "./flask.ts";
import { findNginx } from "./nginx.ts";
import { benchModules, benchRoot, isInstalled, peerPackages } from "./packages.ts";

const WITHIN_MS = 120_000;

/** Left in bench/node_modules by an installation that ended well: what it installed. */
const STAMP = join(benchModules, ".retyn-peers-installed");

/**
 * Brings bench/node_modules in line with bench/bun.lock. Without a network that is not possible, which is said in one
 * line, and the peers are then missing one by one.
 */
export async function installPeers(scope: Scope, log: (line: string) => void): Promise<void> {
	const wanted = fingerprint();
	if (isUpToDate(wanted)) return;
	log("Installing the peers that bench/bun.lock lists ...");
	const { end, said } = await install(scope);
	if (end === "0") return writeFileSync(STAMP, wanted);
	log(
		`The peers could not be installed: \`bun install --frozen-lockfile --cwd bench\` ended with ${end}; its last words: ${said}`,
	);
}

function fingerprint(): string {
	const hash = createHash("sha256");
	for (const name of ["package.json", "bun.lock"]) hash.update(readFileSync(join(benchRoot, name)));
	return hash.digest("hex");
}

function isUpToDate(wanted: string): boolean {
	if (!existsSync(STAMP) || readFileSync(STAMP, "utf8") !== wanted) return false;
	// A folder that was deleted in part still has the stamp.
	return peerPackages().every(isInstalled);
}

async function install(scope: Scope): Promise<{ end: string; said: string }> {
	const child = spawn(process.execPath, ["install", "--frozen-lockfile"], {
		cwd: benchRoot,
		stdio: ["ignore", "ignore", "pipe"],
	});
	const late = setTimeout(() => child.kill("SIGKILL"), WITHIN_MS);
	scope.defer(() => child.kill("SIGKILL"));
	let said = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		said = (said + text).slice(-300);
	});
	try {
		const end = await scope.race(ending(child));
		return { end, said: said.trim().replaceAll(/\s+/g, " ") };
	} finally {
		clearTimeout(late);
	}
}

/** Debian's package for each program that the benchmark can use, and whether it is there already. */
const PROGRAMS: readonly { packages: readonly string[]; isThere(): boolean }[] = [
	{ packages: ["wrk"], isThere: () => Bun.which("wrk") !== null },
	{ packages: ["nginx-light"], isThere: () => findNginx() !== null },
	{ packages: ["gunicorn", "python3-flask", "python3-redis"], isThere: () => findPython() !== undefined },
];

/**
 * Installs what is missing of the programs that are not npm packages, where that is possible: as root, on Debian and
 * its children. Elsewhere, or without a network, they stay missing.
 */
export function installPrograms(log: (line: string) => void): void {
	const names = PROGRAMS.filter((program) => !program.isThere()).flatMap(({ packages }) => packages);
	if (names.length === 0 || !canInstallPackages()) return;
	log(`Installing Debian's packages ${names.join(", ")} ...`);
	try {
		installPackages({ names, services: ["nginx"], howTo: "The benchmark goes on without them." });
	} catch (error) {
		log(sentenceOf(error));
	}
}
