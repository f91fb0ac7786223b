import type { Scope } from "../../src/cli/dev/scope.ts";
import type { Finding } from "../findings.ts";
import { type Image, runContainer } from "./container.ts";

interface Seen {
	uid: number;
	gid: number;
	groups: number[];
	pid: number;
	/** Lines of /proc/self/status. */
	status: Record<string, string>;
	/** Folder -> what came of writing to it: "written", or the code of the error. */
	writes: Record<string, string>;
	/** Numbers of the processes that it sees. */
	processes: string[];
	variables: string[];
	programs: string[];
}

const FOLDERS = ["/", "/app", "/app/db/migrations", "/etc", "/usr/local/bin", "/dev/shm", "/tmp"];
const WRITABLE = ["/tmp"];
const NO_PROGRAMS = [
	"/bin/sh",
	"/bin/bash",
	"/busybox/sh",
	"/usr/bin/apt-get",
	"/usr/bin/perl",
	"/usr/bin/env",
];

/** Runs in the container, where there is nothing but Bun. */
const LOOK = `
const { existsSync, readFileSync, readdirSync, writeFileSync } = require("node:fs");
const writes = {};
for (const folder of ${JSON.stringify(FOLDERS)}) {
	try { writeFileSync(folder + "/probe", "x"); writes[folder] = "written"; }
	catch (error) { writes[folder] = error.code; }
}
console.log(JSON.stringify({
	uid: process.getuid(), gid: process.getgid(), groups: process.getgroups(), pid: process.pid,
	status: Object.fromEntries(readFileSync("/proc/self/status", "utf8").trim().split("\\n").map((line) => line.split(":\\t"))),
	writes,
	processes: readdirSync("/proc").filter((name) => /^\\d+$/.test(name)),
	variables: Object.keys(process.env),
	programs: ${JSON.stringify(NO_PROGRAMS)}.filter((path) => existsSync(path)),
}));`;

/** What a program in the container finds itself able to do: nothing that a server does not need. */
export async function confinementFindings(scope: Scope, image: Image): Promise<Finding[]> {
	const { user, group, env } = image.config;
	const seen: Seen = JSON.parse(await runContainer(scope, image, ["-e", LOOK]));
	const who = [
		...unlike("its user", seen.uid, user),
		...unlike("its group", seen.gid, group),
		...unlike("its groups", seen.groups.filter((one) => one !== group).length, 0),
	];
	const writes = FOLDERS.flatMap((folder) => {
		const code = seen.writes[folder] ?? "";
		if (WRITABLE.includes(folder)) return unlike(`writing to ${folder}`, code, "written");
		return code === "EROFS" || code === "EACCES" ? [] : [`writing to ${folder}: ${code}`];
	});
	const rights = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].flatMap((name) =>
		unlike(name, seen.status[name], "0".repeat(16)),
	);
	const strangers = seen.variables.filter((name) => !(name in env) && name !== "PWD");
	return [
		{ what: `it runs as ${user}:${group}`, checked: 3, problems: who },
		{ what: "it can write to /tmp and nowhere else", checked: FOLDERS.length, problems: writes },
		{
			what: "it has no capability and can get none",
			checked: 6,
			problems: [...rights, ...unlike("NoNewPrivs", seen.status["NoNewPrivs"], "1")],
		},
		{
			what: "it is process 1 and sees no other",
			checked: 2,
			problems: [...unlike("its number", seen.pid, 1), ...unlike("processes", seen.processes.join(" "), "1")],
		},
		{
			what: "there is no shell and no tool",
			checked: NO_PROGRAMS.length,
			problems: seen.programs.map((path) => `there is ${path}`),
		},
		{
			what: "it is given no variable of the machine",
			checked: seen.variables.length,
			problems: strangers.map((name) => `${name} is set`),
		},
	];
}

function unlike<T>(what: string, seen: T, wanted: T): string[] {
	return seen === wanted ? [] : [`${what}: ${seen}, not ${wanted}`];
}
