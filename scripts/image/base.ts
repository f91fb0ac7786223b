import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TerminalError } from "../../src/cli/terminal.ts";
import type { ImageConfig } from "./dockerfile.ts";

/** Where Debian and others keep the certificates that a program trusts. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
/** What a container runtime puts over the image. */
const MOUNTED = ["dev", "proc", "sys", "tmp"];

/**
 * Puts below `root` what the distroless base has: the C library, Bun, the names of two users and the certificates that
 * traces and a database with TLS need. No shell and no tool.
 *
 * @throws {TerminalError} where the libraries cannot be found out
 */
export function addBase(root: string, { user, group, entrypoint }: ImageConfig): void {
	const [bun = ""] = entrypoint;
	place(realpathSync(process.execPath), join(root, bun));
	for (const library of librariesOf(process.execPath)) place(library, join(root, library));
	if (existsSync(CERTIFICATES)) place(CERTIFICATES, join(root, CERTIFICATES));
	write(join(root, "etc/passwd"), [
		"root:x:0:0:root:/root:/sbin/nologin",
		`nonroot:x:${user}:${group}:nonroot:/home/nonroot:/sbin/nologin`,
	]);
	write(join(root, "etc/group"), ["root:x:0:", `nonroot:x:${group}:`]);
	write(join(root, "etc/nsswitch.conf"), ["hosts: files dns"]);
	write(join(root, "etc/hosts"), ["127.0.0.1 localhost", "::1 localhost"]);
	for (const folder of MOUNTED) mkdirSync(join(root, folder), { recursive: true });
}

/** The loader and the libraries that a program asks for, by the paths under which it asks. */
function librariesOf(program: string): string[] {
	const { status, stdout, error } = spawnSync("ldd", [program], { encoding: "utf8" });
	if (status !== 0)
		throw new TerminalError(`ldd could not say which libraries Bun needs: ${error ?? stdout}`);
	return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+)/gm)].map(([, path = ""]) => path);
}

function place(source: string, target: string): void {
	mkdirSync(dirname(target), { recursive: true });
	copyFileSync(source, target);
}

function write(file: string, lines: readonly string[]): void {
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, `${lines.join("\n")}\n`);
}
