import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ending } from "../../src/cli/dev/processes.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import type { Load, LoadResult } from "./load.ts";
import { onTheWire, type Target } from "./request.ts";

/** One thread: the servers measured have one, too, and there may be no more than two cores. */
const THREADS = 1;

/** Tells what wrk counted as one line of JSON. Its latencies and durations are microseconds. */
const REPORT = `
done = function(summary, latency, requests)
	local e = summary.errors
	io.write(string.format(
		'\\n{"requests":%d,"us":%d,"bytes":%d,"errors":%d,"p50":%d,"p99":%d,"max":%d}\\n',
		summary.requests, summary.duration, summary.bytes,
		e.connect + e.read + e.write + e.status + e.timeout,
		latency:percentile(50), latency:percentile(99), latency.max))
end
`;

/** One after the other, or in the order of the file that is given as an argument: one index a line, from 0. */
const IN_TURN = `
local order
local n = 0
init = function(args)
	if not args[1] then return end
	order = {}
	for line in io.lines(args[1]) do order[#order + 1] = tonumber(line) + 1 end
end
request = function()
	if not order then
		n = n % #all + 1
		return all[n]
	end
	n = n % #order + 1
	return all[order[n]]
end
`;

/** wrk (Will Glozer), from the system's packages. */
export function wrkLoad(scope: Scope): Load {
	const folder = mkdtempSync(join(tmpdir(), "retyn-bench-wrk-"));
	scope.defer(() => rmSync(folder, { recursive: true, force: true }));
	/** A script for each list of requests, and a file for each order of them, written once. */
	const files = new WeakMap<object, string>();
	let written = 0;

	function fileOf(list: object, extension: string, text: () => string): string {
		const known = files.get(list);
		if (known) return known;
		written += 1;
		const file = join(folder, `${written}.${extension}`);
		writeFileSync(file, text());
		files.set(list, file);
		return file;
	}

	return {
		name: `wrk, ${THREADS} thread`,
		async run({ port, requests, order }, { seconds, connections }) {
			const args = [`-t${THREADS}`, `-c${connections}`, `-d${seconds}s`, "--timeout", "10s"];
			const url = `http://127.0.0.1:${port}`;
			const list = fileOf(requests, "lua", () => script(requests));
			const inOrder = order ? ["--", fileOf(order, "order", () => order.join("\n"))] : [];
			const child = spawn("wrk", [...args, "-s", list, url, ...inOrder], {
				stdio: ["ignore", "pipe", "pipe"],
			});
			let output = "";
			for (const stream of [child.stdout, child.stderr]) {
				stream.setEncoding("utf8").on("data", (text: string) => {
					output += text;
				});
			}
			scope.defer(() => child.kill("SIGKILL"));
			const end = await scope.race(ending(child));
			const line = /^\{.*\}$/m.exec(output)?.[0];
			if (end !== "0" || !line) throw new TerminalError(`wrk ended with ${end}: ${output.trim()}`);
			return resultOf(JSON.parse(line));
		},
	};
}

function script(requests: Target["requests"]): string {
	const texts = requests.map((request) => luaText(onTheWire(request)));
	// With a single request wrk is not asked to run Lua for each.
	if (texts.length === 1)
		return `request = nil\nlocal only = ${texts[0]}\nrequest = function() return only end\n${REPORT}`;
	return `local all = {\n${texts.join(",\n")}\n}\n${IN_TURN}${REPORT}`;
}

/** Every byte but letters and digits is written as a number: no character means anything to Lua. */
function luaText(text: string): string {
	const bytes = [...Buffer.from(text)];
	const escaped = bytes.map((byte) =>
		/[A-Za-z0-9 ]/.test(String.fromCharCode(byte))
			? String.fromCharCode(byte)
			: `\\${String(byte).padStart(3, "0")}`,
	);
	return `"${escaped.join("")}"`;
}

interface Counted {
	requests: number;
	us: number;
	bytes: number;
	errors: number;
	p50: number;
	p99: number;
	max: number;
}

function resultOf({ requests, us, bytes, errors, p50, p99, max }: Counted): LoadResult {
	return {
		requests,
		seconds: us / 1e6,
		errors,
		bytes,
		latency: { p50: p50 / 1000, p99: p99 / 1000, max: max / 1000 },
	};
}
