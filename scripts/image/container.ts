import { type ChildProcess, spawn } from "node:child_process";
import { descendants } from "../../bench/measure/processes.ts";
import { ending, endProcess } from "../../src/cli/dev/processes.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { canInstallPackages, installPackages, isThere } from "../debian-packages.ts";
import type { ImageConfig } from "./dockerfile.ts";

/** The file system of an image, and how its containers are run. */
export interface Image {
	readonly root: string;
	readonly config: ImageConfig;
}

export interface Container {
	/** Of the program itself, as the machine outside knows it. */
	pid(): number;
	/** Its status, or the signal that ended it. */
	readonly ended: Promise<string>;
	/** All that it printed so far. */
	output(): string;
}

type Environment = Readonly<Record<string, string>>;

const HOW_TO =
	"This needs the program bwrap, which is not in PATH. Debian and Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap.";

/**
 * Makes sure that containers can be run; installs bubblewrap as root on Debian and Ubuntu.
 *
 * @throws {TerminalError} saying what to install
 */
export function ensureBubblewrap(): void {
	if (isThere("bwrap")) return;
	if (!canInstallPackages()) throw new TerminalError(HOW_TO);
	console.error("bubblewrap is missing; installing Debian's package ...");
	installPackages({ names: ["bubblewrap"], howTo: HOW_TO });
	if (!isThere("bwrap")) throw new TerminalError(HOW_TO);
}

/**
 * Runs a command of the image as a container is run: the image's files as a read-only root and nothing else, an empty /tmp,
 * process and host names of its own, the image's user, no capability and no way to get one, no variables but those given. It
 * is process 1, as in Kubernetes. Only the network is the machine's, as PostgreSQL and Redis are on its loopback address.
 */
export function startContainer(
	scope: Scope,
	image: Image,
	command: readonly string[],
	env: Environment = {},
): Container {
	const [program = "", ...args] = [...asUser(image.config), ...sandbox(image, env), ...command];
	const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
	let said = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding("utf8").on("data", (text: string) => {
			said += text;
		});
	}
	const ended = closed(child);
	scope.defer(() => child.pid !== undefined && endProcess(child.pid, [["SIGKILL", 2_000]]));
	return {
		pid: () => descendants(child.pid ?? 0).at(-1) ?? 0,
		ended,
		output: () => said,
	};
}

/** Runs one to its end. @throws {TerminalError} with its words where it does not end with 0 */
export async function runContainer(
	scope: Scope,
	image: Image,
	command: readonly string[],
	env: Environment = {},
): Promise<string> {
	const { ended, output } = startContainer(scope, image, command, env);
	const end = await scope.race(ended);
	if (end !== "0") throw new TerminalError(`\`${command.join(" ")}\` ended with ${end}: ${output().trim()}`);
	return output();
}

/** Where it is possible, the user is no other outside of the container: whatever it got hold of, it would not be root. */
function asUser({ user, group }: ImageConfig): string[] {
	if (process.getuid?.() !== 0) return [];
	const capabilities = ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];
	return ["setpriv", `--reuid=${user}`, `--regid=${group}`, "--clear-groups", ...capabilities];
}

function sandbox({ root, config }: Image, env: Environment): string[] {
	const variables = Object.entries({ ...config.env, ...env });
	return [
		"bwrap",
		...[
			"--ro-bind",
			root,
			"/",
			"--proc",
			"/proc",
			"--dev",
			"/dev",
			"--remount-ro",
			"/dev",
			"--tmpfs",
			"/tmp",
		],
		...["--unshare-all", "--share-net", "--uid", String(config.user), "--gid", String(config.group)],
		...["--cap-drop", "ALL", "--new-session", "--die-with-parent", "--as-pid-1"],
		...["--clearenv", ...variables.flatMap(([name, value]) => ["--setenv", name, value])],
		...["--chdir", config.workingFolder, "--", ...config.entrypoint],
	];
}

/** Once all that it printed has been read as well. */
async function closed(child: ChildProcess): Promise<string> {
	const all = new Promise((resolve) => child.once("close", resolve));
	const end = await ending(child);
	if (child.pid !== undefined) await all;
	return end;
}
