import { TerminalError } from "../src/cli/terminal.ts";
import { canInstallPackages, installPackages, isThere } from "./debian-packages.ts";

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
	if (!canInstallPackages()) throw new TerminalError(HOW_TO);
	console.error("redis-server is missing; installing Debian's package ...");
	installPackages({ names: ["redis-server"], services: ["redis-server"], howTo: HOW_TO });
	if (!isThere("redis-server")) throw new TerminalError(HOW_TO);
}
