import { spawn } from "node:child_process";
import { chown, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { postgresAccount } from "../../src/cli/dev/account.ts";
import { projectRoot } from "../../src/cli/dev/places.ts";
import { ending, endProcess, hasEnded } from "../../src/cli/dev/processes.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { canInstallPackages, installPackages, isThere } from "../debian-packages.ts";
import { steadyPort } from "../system/ports.ts";

const PROGRAM = "/usr/sbin/pgbouncer";
const HOW_TO =
	"This needs the program pgbouncer (1.18 or newer). Debian and Ubuntu: apt-get install pgbouncer.";
const LISTENS_WITHIN_MS = 10_000;

/** Makes sure that a pgbouncer can be started; installs it as root on Debian and Ubuntu. @throws {TerminalError} */
export function ensurePooler(): void {
	if (isThere(PROGRAM)) return;
	if (!canInstallPackages()) throw new TerminalError(HOW_TO);
	console.error("pgbouncer is missing; installing Debian's package ...");
	installPackages({ names: ["pgbouncer"], services: ["pgbouncer"], howTo: HOW_TO });
}

/**
 * Starts pgbouncer before a PostgreSQL with the file that is deployed, but for addresses and its number of connections; it ends with the
 * scope.
 *
 * @param folder that PostgreSQL's user may enter
 * @returns the address of the same database through it
 */
export async function startPooler(
	scope: Scope,
	{ url, folder, connections }: { url: string; folder: string; connections: number },
): Promise<string> {
	const server = new URL(url);
	const port = await steadyPort();
	const users = join(folder, "userlist.txt");
	const settings = join(folder, "pgbouncer.ini");
	await writeFile(users, `"${server.username}" "${decodeURIComponent(server.password)}"\n`, { mode: 0o600 });
	const deployed = await readFile(join(projectRoot, "deploy/pgbouncer/pgbouncer.ini"), "utf8");
	await writeFile(settings, withPlaces(deployed, { server, port, users, connections }));
	const account = postgresAccount();
	if (account) await Promise.all([users, settings].map((file) => chown(file, account.uid, account.gid)));

	const child = spawn(PROGRAM, [settings], { ...account, stdio: ["ignore", "ignore", "pipe"] });
	scope.defer(async () => {
		if (child.pid !== undefined && !hasEnded(child)) await endProcess(child.pid, [["SIGKILL", 2_000]]);
	});
	let said = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		said = (said + text).slice(-2_000);
	});
	const early = ending(child).then((end) => {
		throw new TerminalError(`pgbouncer ended with ${end}: ${said.trim()}`);
	});
	early.catch(() => {});
	await scope.race(Promise.race([untilListening(port), early]));
	const pooled = new URL(url);
	pooled.port = String(port);
	pooled.pathname = "/retyn";
	return pooled.toString();
}

interface Places {
	readonly server: URL;
	readonly port: number;
	readonly users: string;
	readonly connections: number;
}

/** @throws {TypeError} where the file has not what is to be replaced */
function withPlaces(deployed: string, { server, port, users, connections }: Places): string {
	const places: [RegExp, string][] = [
		[
			/host=\S+ port=\d+ dbname=\S+/,
			`host=${server.hostname} port=${server.port} dbname=${server.pathname.slice(1)}`,
		],
		[/^listen_addr = .*$/m, "listen_addr = 127.0.0.1"],
		[/^listen_port = .*$/m, `listen_port = ${port}\nunix_socket_dir =`],
		[/^auth_file = .*$/m, `auth_file = ${users}`],
		[/^default_pool_size = .*$/m, `default_pool_size = ${connections}`],
	];
	return places.reduce((text, [known, wanted]) => {
		if (!known.test(text)) throw new TypeError(`deploy/pgbouncer/pgbouncer.ini lacks ${known}`);
		return text.replace(known, () => wanted);
	}, deployed);
}

async function untilListening(port: number): Promise<void> {
	const end = performance.now() + LISTENS_WITHIN_MS;
	while (!(await isListening(port))) {
		if (performance.now() > end) throw new TerminalError("pgbouncer does not listen");
		await Bun.sleep(20);
	}
}

function isListening(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, "127.0.0.1");
		const end = (listens: boolean) => {
			socket.destroy();
			resolve(listens);
		};
		socket.once("connect", () => end(true)).once("error", () => end(false));
	});
}
