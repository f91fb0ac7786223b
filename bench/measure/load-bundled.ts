import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ending } from "../../src/cli/dev/processes.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import type { Load, LoadResult } from "./load.ts";
import { onTheWire } from "./request.ts";

const GENERATOR = fileURLToPath(new URL("generator.ts", import.meta.url));

/** What the generator reads from its standard input. */
export interface GeneratorOrder {
	port: number;
	/** As they go over the wire. */
	requests: string[];
	/** See `Target`. */
	order?: readonly number[];
	seconds: number;
	connections: number;
}

/** A generator of our own, in a process of its own, for machines without wrk. It costs more of a core than wrk does. */
export function bundledLoad(scope: Scope): Load {
	return {
		name: "the bundled generator",
		async run({ port, requests, order: inOrder }, how) {
			const order: GeneratorOrder = {
				port,
				requests: requests.map(onTheWire),
				...(inOrder && { order: inOrder }),
				...how,
			};
			const child = spawn(process.execPath, ["--no-env-file", GENERATOR], {
				stdio: ["pipe", "pipe", "inherit"],
			});
			scope.defer(() => child.kill("SIGKILL"));
			let output = "";
			child.stdout.setEncoding("utf8").on("data", (text: string) => {
				output += text;
			});
			child.stdin.end(JSON.stringify(order));
			const end = await scope.race(ending(child));
			if (end !== "0") throw new TerminalError(`The load generator ended with ${end}`);
			return JSON.parse(output) as LoadResult;
		},
	};
}
