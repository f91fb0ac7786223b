import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { TerminalError } from "../src/cli/terminal.ts";

/** Debian's way of telling package installations not to start services (invoke-rc.d(8)): exit code 101. */
const POLICY = "/usr/sbin/policy-rc.d";

export interface DebianPackages {
	readonly names: readonly string[];
	/** Their services, which nobody asked to start with the machine. */
	readonly services?: readonly string[];
	/** What to do by hand instead, for the sentence when apt-get fails. */
	readonly howTo: string;
}

/** Whether this process may install packages: as root on Debian and its children. */
export function canInstallPackages(): boolean {
	return process.getuid?.() === 0 && isThere("apt-get");
}

/**
 * Installs Debian's packages, without starting the services that come with them. apt-get's words go to standard error.
 *
 * @throws {TerminalError} when apt-get fails
 */
export function installPackages({ names, services = [], howTo }: DebianPackages): void {
	withoutStartingServices(() => {
		apt(["update", "-qq"], howTo);
		apt(["install", "-y", "-qq", "--no-install-recommends", ...names], howTo);
	});
	if (!isThere("systemctl")) return;
	for (const service of services) spawnSync("systemctl", ["disable", service], { stdio: "ignore" });
}

/** Whether a program starts and knows `--version`. */
export function isThere(program: string): boolean {
	return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

function apt(args: string[], howTo: string): void {
	const { status } = spawnSync("apt-get", args, {
		stdio: ["ignore", 2, 2],
		env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
	});
	if (status !== 0)
		throw new TerminalError(`\`apt-get ${args.join(" ")}\` failed, see its words above. ${howTo}`);
}

function withoutStartingServices(work: () => void): void {
	// One that is there belongs to whoever set this machine up.
	const ours = !existsSync(POLICY);
	if (ours) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
	try {
		work();
	} finally {
		if (ours) rmSync(POLICY, { force: true });
	}
}
