// Brings node_modules in line with bun.lock. Runs before anything is installed, so: plain JavaScript, no packages,
// under Node 20.12+ or Bun.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
	existsSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	unlinkSync,
	writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const tools = join(root, ".tools");
const stamp = join(modules, ".retyn-installed");
const installedBun = join(modules, ".bin", "bun");

const { dependencies, devDependencies, patchedDependencies } = JSON.parse(
	readFileSync(join(root, "package.json"), "utf8"),
);
const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
for (const file of ["package.json", "bun.lock", ...Object.values(patchedDependencies)]) {
	hash.update(readFileSync(join(root, file)));
}
const fingerprint = hash.digest("hex");
const pinned = devDependencies.bun;

class InstallError extends Error {}

try {
	if (!isInstalled()) install();
} catch (error) {
	if (!(error instanceof InstallError)) throw error;
	console.error(error.message);
	process.exitCode = 1;
}

function isInstalled() {
	try {
		if (readFileSync(stamp, "utf8") !== fingerprint) return false;
		statSync(installedBun);
	} catch {
		return false;
	}
	// A folder that was deleted in part still has the stamp.
	const names = Object.keys({ ...dependencies, ...devDependencies });
	if (!names.every((name) => existsSync(join(modules, name, "package.json")))) return false;
	// An `npm install` by hand picks its own versions, and leaves this file when it has.
	const byNpm = statSync(join(modules, ".package-lock.json"), { throwIfNoEntry: false });
	return !byNpm || byNpm.mtimeMs <= statSync(stamp).mtimeMs;
}

function install() {
	const release = takeTurn();
	try {
		if (isInstalled()) return;
		console.error("Installing what bun.lock lists ...");
		const bun = findBun();
		installPackages(bun);
		if (!version(installedBun)) {
			// A Bun that was damaged since counts as installed until its packages are gone.
			for (const name of ["bun", "@oven"]) rmSync(join(modules, name), { recursive: true, force: true });
			installPackages(bun);
		}
		if (!version(installedBun)) {
			throw new InstallError(
				"The Bun that came with the packages does not start: `node_modules/.bin/bun --version` fails. " +
					"If its download was damaged, remove node_modules and Bun's cache (~/.bun/install/cache) and try again.",
			);
		}
		rmSync(tools, { recursive: true, force: true });
		writeFileSync(stamp, fingerprint);
	} finally {
		release();
	}
}

function installPackages(bun) {
	const result = run(bun, ["install", "--frozen-lockfile"]);
	if (result.ok) return;
	throw new InstallError(
		`The packages could not be installed: \`bun install --frozen-lockfile\` ${result.end}; see its own words above. ` +
			"Installing needs a network.",
	);
}

/** The Bun that runs this, or the pinned one: left by an earlier installation, or got from its npm package. */
function findBun() {
	if (process.versions.bun) return process.execPath;
	const { npm_execpath: runner = "", npm_config_user_agent: agent = "" } = process.env;
	if (agent.startsWith("bun/") && version(runner)) return runner;
	if (version(installedBun) === pinned) return installedBun;
	const own = join(tools, "node_modules", "bun");
	const binary = join(own, "bin", "bun.exe");
	if (version(binary) === pinned) return binary;

	mkdirSync(tools, { recursive: true });
	// Without a package.json of its own npm would go up and take the project's.
	writeFileSync(join(tools, "package.json"), '{ "private": true }\n');
	const flags = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
	// npm's own pauses between attempts add up to more than a minute before it says that there is no network.
	const patience = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
	const args = ["install", "--prefix", tools, ...flags, ...patience, `bun@${pinned}`];
	const npm = /npm-cli\.[cm]?js$/.test(runner) ? run(process.execPath, [runner, ...args]) : run("npm", args);
	if (npm.missing) {
		throw new InstallError(
			"Neither npm nor Bun was found in PATH: install Node 20.12 or newer with npm, or Bun (https://bun.sh), and try again.",
		);
	}
	if (!npm.ok) {
		throw new InstallError(
			`Bun ${pinned} could not be got from the npm registry: \`npm install bun@${pinned}\` ${npm.end}; see its own words above.`,
		);
	}
	// npm may have been told not to run install scripts.
	if (version(binary) !== pinned) run(process.execPath, [join(own, "install.js")]);
	if (version(binary) !== pinned) {
		throw new InstallError(`Bun ${pinned} was downloaded but does not start on this machine: ${binary}`);
	}
	return binary;
}

function version(binary) {
	if (!existsSync(binary)) return undefined;
	const { status, stdout } = spawnSync(binary, ["--version"], { encoding: "utf8" });
	return status === 0 ? stdout.trim() : undefined;
}

/** Standard output is left to the command that this one prepares. */
function run(command, args) {
	const path = [join(modules, ".bin"), process.env.PATH].join(delimiter);
	const { status, signal, error } = spawnSync(command, args, {
		cwd: root,
		stdio: ["ignore", 2, 2],
		env: { ...process.env, PATH: path },
	});
	const end = error
		? `could not be started (${error.code})`
		: `ended with ${signal ?? `exit code ${status}`}`;
	return { ok: status === 0, missing: error?.code === "ENOENT", end };
}

/**
 * Waits until no other copy is installing. Claims are numbered files, and the newest one is never removed: of
 * several copies that find its owner dead, only one can make the next number.
 */
function takeTurn() {
	mkdirSync(modules, { recursive: true });
	const claim = (number) => join(modules, `.retyn-installing-${number}`);
	const draft = join(modules, `.retyn-claim-of-${process.pid}`);
	const numbers = () =>
		readdirSync(modules)
			.map((name) => Number(/^\.retyn-installing-(\d+)$/.exec(name)?.[1] ?? 0))
			.sort((a, b) => b - a);
	const self = `${process.pid} ${startTime(process.pid)}`;
	writeFileSync(draft, self);
	try {
		for (let told = false; ; ) {
			const newest = numbers()[0] ?? 0;
			const owner = newest ? ownerOf(claim(newest)) : undefined;
			if (owner) {
				if (!told) console.error(`Another copy (process ${owner}) is installing; waiting for it ...`);
				told = true;
				Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
				continue;
			}
			const mine = newest + 1;
			try {
				linkSync(draft, claim(mine));
			} catch (error) {
				if (error.code === "EEXIST") continue;
				throw error;
			}
			// A listing taken while claims come and go may have missed a newer one.
			if (numbers()[0] !== mine) {
				unlinkSync(claim(mine));
				continue;
			}
			for (const older of numbers().filter((number) => number > 0 && number < mine))
				rmSync(claim(older), { force: true });
			return () => writeFileSync(claim(mine), "");
		}
	} finally {
		rmSync(draft, { force: true });
	}
}

/** The process that holds a claim, if it still runs and its number was not given to another one since. */
function ownerOf(file) {
	let text = "";
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		if (error.code !== "ENOENT") throw error;
	}
	const [pid, started] = text.split(" ");
	return pid && started === startTime(pid) ? pid : undefined;
}

/** When a process was started, in whatever unit the system has: it only has to differ from a later process's. */
function startTime(pid) {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		// The name in parentheses may itself hold spaces and parentheses.
		return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
	} catch {
		if (existsSync("/proc/self/stat")) return "gone";
	}
	const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
	return stdout?.trim().replaceAll(/\s+/g, "_") || "gone";
}
