import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Missing, type ServerKind, startProcess } from "../measure/server.ts";
import { peerFolder, writePayloads } from "./folder.ts";
import { needPackages } from "./packages.ts";

const MIN_NODE = 20;

/** A server that is one file for Node, and prints its port as its first line. */
export function nodeServer(name: string, packages: readonly string[]): ServerKind {
	const file = fileURLToPath(new URL(`servers/${name}.mjs`, import.meta.url));
	return {
		name,
		usesRedis: false,
		async start(scope, settings) {
			needPackages(packages);
			needNode();
			const payloads = writePayloads(peerFolder(scope, name));
			return startProcess(scope, name, "node", [file, JSON.stringify({ ...settings, payloads })], {
				env: { ...process.env, NODE_ENV: "production" },
			});
		},
	};
}

function needNode(): void {
	// Bun puts itself into PATH under the name of Node where there is none.
	const question = "process.versions.bun ? 0 : parseInt(process.versions.node)";
	const { stdout } = spawnSync("node", ["-p", question], { encoding: "utf8" });
	if (Number(stdout ?? 0) >= MIN_NODE) return;
	throw new Missing(`The program node is not in PATH, or older than ${MIN_NODE}: install Node.js.`);
}
