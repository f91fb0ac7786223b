import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess } from "../../bench/measure/server.ts";
import { findNginx } from "../../bench/peers/nginx.ts";
import { projectRoot } from "../../src/cli/dev/places.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { canInstallPackages, installPackages } from "../debian-packages.ts";
import { steadyPort } from "./ports.ts";

export interface Nginx {
	readonly port: number;
	/** Of its first process, whose descendants do the work. */
	readonly pid: number;
	stop(): Promise<void>;
}

const DEPLOYED = join(projectRoot, "deploy/nginx");
const HOW_TO =
	"This needs the program nginx (1.22 or newer), which is not in PATH. " +
	"Debian and Ubuntu: apt-get install nginx-light; Alpine: apk add nginx; macOS: brew install nginx.";
/** `server NAME:PORT resolve PARAMETERS;` */
const SERVER = /^(\s*server )\S+ resolve( .*;)$/gm;

/**
 * Makes sure that an nginx can be started; installs it as root on Debian and Ubuntu. The system's own service is left alone.
 *
 * @throws {TerminalError} saying what to install
 */
function ensureNginx(): string {
	const known = findNginx();
	if (known) return known;
	if (!canInstallPackages()) throw new TerminalError(HOW_TO);
	console.error("nginx is missing; installing Debian's package ...");
	installPackages({ names: ["nginx-light"], services: ["nginx"], howTo: HOW_TO });
	const installed = findNginx();
	if (!installed) throw new TerminalError(HOW_TO);
	return installed;
}

/**
 * Starts nginx in front of these ports, with the files that are deployed but for where it listens and where the instances
 * are; it ends with the scope.
 */
export async function startNginx(scope: Scope, ports: readonly number[]): Promise<Nginx> {
	const program = ensureNginx();
	const folder = await mkdtemp(join(tmpdir(), "retyn-nginx-"));
	scope.defer(() => rm(folder, { recursive: true, force: true }));
	// Its workers are another user where it is started by root, and have folders of their own in it.
	await chmod(folder, 0o711);
	const port = await steadyPort();
	const deployed = (name: string) => readFile(join(DEPLOYED, name), "utf8");
	await writeFile(join(folder, "nginx.conf"), await deployed("nginx.conf"));
	await writeFile(join(folder, "upstream.conf"), withServers(await deployed("upstream.conf"), ports));
	await writeFile(join(folder, "listen.conf"), `listen 127.0.0.1:${port} backlog=1024;\n`);
	const args = ["-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")];
	const { pid, stop } = await startProcess(scope, "nginx", program, args, { port });
	return { port, pid, stop };
}

/**
 * The deployed list of instances with others in it: their parameters stay, their names go, and with them their being looked up.
 *
 * @throws {TypeError} where there is no server to go by
 */
export function withServers(upstream: string, ports: readonly number[]): string {
	const [first] = upstream.matchAll(SERVER);
	if (!first) throw new TypeError("deploy/nginx/upstream.conf names no server with `resolve`");
	const servers = ports.map((port) => `${first[1]}127.0.0.1:${port}${first[2]}`).join("\n");
	let isWritten = false;
	return upstream.replaceAll(/^resolver .*\n/gm, "").replaceAll(SERVER, () => {
		if (isWritten) return "";
		isWritten = true;
		return servers;
	});
}
