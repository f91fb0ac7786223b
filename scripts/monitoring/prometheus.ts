import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { freePort } from "../../src/cli/dev/ports.ts";
import { ending, endProcess, hasEnded } from "../../src/cli/dev/processes.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { readPrometheusConfig, readRules } from "./files.ts";

export interface Sample {
	readonly metric: Readonly<Record<string, string>>;
	readonly value: number;
}

export interface Prometheus {
	/** What an expression is now. @throws {Error} with Prometheus' own words where it cannot say */
	ask(query: string): Promise<Sample[]>;
}

const START_WITHIN_MS = 20_000;

/** Starts a Prometheus on the deployed files, which reads the figures of these instances; it ends with the scope. */
export async function startPrometheus(
	scope: Scope,
	folder: string,
	instances: readonly string[],
): Promise<Prometheus> {
	const port = await freePort();
	const child = spawn(
		"prometheus",
		[
			`--config.file=${writeConfig(folder, instances)}`,
			`--storage.tsdb.path=${join(folder, "figures")}`,
			`--web.listen-address=127.0.0.1:${port}`,
			"--log.level=warn",
		],
		{ stdio: ["ignore", "ignore", "pipe"] },
	);
	scope.defer(() => end(child));
	let said = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		said = (said + text).slice(-2_000);
	});
	const origin = `http://127.0.0.1:${port}`;
	const limit = performance.now() + START_WITHIN_MS;
	while (!(await fetch(`${origin}/-/ready`).catch(() => undefined))?.ok) {
		if (hasEnded(child) || performance.now() > limit)
			throw new TerminalError(`Prometheus did not start: ${said.trim()}`);
		await scope.race(Bun.sleep(50));
	}
	return { ask: (query) => ask(origin, query) };
}

/**
 * The deployed files, but for three things: where the instances are, that their figures are read and judged each
 * second, and that alerts do not wait.
 */
function writeConfig(folder: string, instances: readonly string[]): string {
	const config = readPrometheusConfig();
	const rules = readRules();
	for (const { rules: each } of rules.groups) for (const rule of each) if (rule.alert) rule.for = "0s";
	const rulesFile = join(folder, "rules.yml");
	writeFileSync(rulesFile, stringify(rules));
	const scrapes = config.scrape_configs.map(({ dns_sd_configs: _found, ...scrape }) => ({
		...scrape,
		static_configs: [{ targets: instances }],
	}));
	const file = join(folder, "prometheus.yml");
	const often = { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" };
	writeFileSync(
		file,
		stringify({
			...config,
			global: { ...config.global, ...often },
			rule_files: [rulesFile],
			scrape_configs: scrapes,
		}),
	);
	return file;
}

interface Answer {
	status: string;
	error?: string;
	data?: { resultType: string; result: { metric: Record<string, string>; value: [number, string] }[] };
}

async function ask(origin: string, query: string): Promise<Sample[]> {
	const response = await fetch(`${origin}/api/v1/query`, {
		method: "POST",
		body: new URLSearchParams({ query }),
		signal: AbortSignal.timeout(10_000),
	});
	const { error, data } = (await response.json()) as Answer;
	if (!data) throw new Error(error ?? `Prometheus answered ${response.status}`);
	if (data.resultType !== "vector") throw new Error(`gives a ${data.resultType}, which cannot be drawn`);
	return data.result.map(({ metric, value: [, value] }) => ({
		metric,
		value: Number(value.replace("Inf", "Infinity")),
	}));
}

async function end(child: ChildProcess): Promise<void> {
	if (child.pid === undefined || hasEnded(child)) return;
	const ended = ending(child);
	await endProcess(child.pid, [
		["SIGTERM", 5_000],
		["SIGKILL", 2_000],
	]);
	await ended;
}
