import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { TerminalError } from "../terminal.ts";

/** The user under whom PostgreSQL runs when we are root, under whom it refuses to run. */
export interface Account {
	readonly uid: number;
	readonly gid: number;
}

const NAME = "postgres";

/** How the two families of tools make a user for a service: shadow (most systems) and busybox (Alpine). */
const MAKERS: [string, string[]][] = [
	["useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/bin/false", NAME]],
	["adduser", ["-S", "-D", "-H", "-s", "/bin/false", NAME]],
];

/**
 * None for an ordinary user, who runs PostgreSQL in person.
 *
 * @throws {TerminalError} when root can neither find nor make a user for it
 */
export function postgresAccount(): Account | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const known = findAccount();
	if (known) return known;
	for (const [command, args] of MAKERS) {
		if (spawnSync(command, args).status !== 0) continue;
		const made = findAccount();
		if (made) return made;
	}
	throw new TerminalError(
		`PostgreSQL does not run as root, and a user named ${NAME} could not be made with useradd or adduser: ` +
			"make one, run this as an ordinary user, or set DATABASE_URL to a database of your own.",
	);
}

function findAccount(): Account | undefined {
	const line = readFileSync("/etc/passwd", "utf8")
		.split("\n")
		.find((entry) => entry.startsWith(`${NAME}:`));
	const [, , uid, gid] = line?.split(":") ?? [];
	return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

/** Whether the account may enter a folder, all folders above it included. */
export function canEnter(account: Account | undefined, folder: string): boolean {
	return runsAs(account, "/bin/sh", ["-c", 'cd "$1"', "sh", folder]);
}

export function runsAs(account: Account | undefined, command: string, args: string[]): boolean {
	return spawnSync(command, args, { ...account, cwd: "/", stdio: "ignore" }).status === 0;
}
