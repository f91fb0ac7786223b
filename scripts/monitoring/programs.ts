import { spawnSync } from "node:child_process";
import { TerminalError } from "../../src/cli/terminal.ts";
import { canInstallPackages, installPackages, isThere } from "../debian-packages.ts";
import type { Finding } from "../findings.ts";
import { PROMETHEUS_CONFIG, RULE_TESTS, RULES } from "./files.ts";

const HOW_TO =
	"This needs the programs prometheus and promtool (2.42 or newer), which are not in PATH. " +
	"Debian and Ubuntu: apt-get install prometheus; Alpine: apk add prometheus; macOS: brew install prometheus.";

/**
 * Makes sure that a Prometheus can be started; installs it as root on Debian and Ubuntu.
 *
 * @throws {TerminalError} saying what to install
 */
export function ensurePrometheus(): void {
	const areThere = () => isThere("prometheus") && isThere("promtool");
	if (areThere()) return;
	if (!canInstallPackages()) throw new TerminalError(HOW_TO);
	console.error("prometheus is missing; installing Debian's package ...");
	installPackages({ names: ["prometheus"], services: ["prometheus"], howTo: HOW_TO });
	if (!areThere()) throw new TerminalError(HOW_TO);
}

/** What Prometheus's own tool says of the files that are deployed. */
export function checkFiles(): Finding[] {
	return [
		["check", "config", PROMETHEUS_CONFIG],
		["check", "rules", RULES],
		["test", "rules", RULE_TESTS],
	].map((args) => {
		const { status, stdout, stderr } = spawnSync("promtool", args, { encoding: "utf8" });
		const problems = status === 0 ? [] : [`${stdout}\n${stderr}`.trim()];
		return { what: `promtool ${args.slice(0, 2).join(" ")}`, checked: 1, problems };
	});
}
