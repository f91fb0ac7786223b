import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { TerminalError } from "../src/cli/terminal.ts";

/** Debian's way of telling package installations not to start services (invoke-rc.d(8)): exit code 101. */
const POLICY = "/usr/sbin/policy-rc.d";

const HOW_TO =
	"The tests need the program redis-server (7 or newer), which is not in PATH. " +
	"Debian and Ubuntu: apt-get install redis-server; Fedora: dnf install redis; Alpine: apk add redis; macOS: brew install redis.";

/**
 * Makes sure that tests can start Redis servers of their own; installs the program as root on Debian and Ubuntu.
 *
 * @throws {TerminalError} saying what to install
 */
export function ensureRedisServer(): void {
	if (isThere("redis-server")) return;
	if (process.getuid?.() !== 0 || !isThere("apt-get")) throw new TerminalError(HOW_TO);
	console.error("redis-server is missing; installing Debian's package ...");
	withoutStartingServices(() => {
		apt(["update", "-qq"]);
		apt(["install", "-y", "-qq", "--no-install-recommends", "redis-server"]);
	});
	if (!isThere("redis-server")) throw new TerminalError(HOW_TO);
	// Nobody asked for a Redis that starts with the machine.
	if (isThere("systemctl")) spawnSync("systemctl", ["disable", "redis-server"], { stdio: "ignore" });
}

function isThere(program: string): boolean {
	return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

function apt(args: string[]): void {
	const { status } = spawnSync("apt-get", args, {
		stdio: ["ignore", 2, 2],
		env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
	});
	if (status !== 0)
		throw new TerminalError(`\`apt-get ${args.join(" ")}\` failed, see its words above. ${HOW_TO}`);
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
