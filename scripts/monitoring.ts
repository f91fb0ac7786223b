/**
 * `bun run test:monitoring` starts two instances of the service and a real Prometheus on the files of `deploy`, lets
 * there be traffic, and asks for every expression of the rules and dashboards: all of them have an answer. Then Redis is
 * frozen, and the alert comes. Exit code 1 when something is not in order.
 */
import type { Scope } from "../src/cli/dev/scope.ts";
import { conclude, type Finding } from "./findings.ts";
import { dashboardExpressions, type Expression, ruleExpressions } from "./monitoring/expressions.ts";
import { readDashboards, readRules } from "./monitoring/files.ts";
import { checkFiles, ensurePrometheus } from "./monitoring/programs.ts";
import { type Prometheus, startPrometheus } from "./monitoring/prometheus.ts";
import { startSystem } from "./monitoring/system.ts";
import { startTraffic } from "./monitoring/traffic.ts";
import { runScript } from "./run.ts";
import { temporaryFolder } from "./throw-away-postgres.ts";

/** Until every expression has an answer: figures have to be read, and rules worked out, more than once. */
const ANSWERED_WITHIN_MS = 40_000;
const READ_WITHIN_MS = 10_000;
const ALERT_WITHIN_MS = 20_000;
const BREAKER = "CacheBreakerOpen";

async function main(scope: Scope): Promise<number> {
	ensurePrometheus();
	const findings = checkFiles();
	const folder = await temporaryFolder(scope);
	const system = await startSystem(scope);
	const traffic = await startTraffic(system);
	scope.defer(() => traffic.stop());
	const prometheus = await startPrometheus(scope, folder, system.metrics);
	await scope.race(untilSeen(prometheus, system.metrics.length));
	await system.changeData();

	findings.push(...(await scope.race(askEverything(prometheus))));
	const wrong = [...traffic.wrong].map(([what, times]) => `${what}, ${times} times`);
	findings.push({ what: "answers to the traffic", checked: traffic.answered(), problems: wrong });
	findings.push(await scope.race(alertWhile(prometheus, () => system.redis.freeze())));
	system.redis.thaw();

	return conclude("monitoring", findings);
}

/** What must have left its mark by then. */
const PROVOKED: readonly Expression[] = [
	{ what: "the instances", query: 'up{job="retyn-avm"} == 1' },
	{ what: "the change of the data", query: "overall:retyn_data_changed_at:last12h > 0" },
	{ what: "what was purged for it", query: "sum(retyn_cache_purges_total) > 0" },
	{ what: "hits", query: "overall:retyn_cache_hit_ratio:rate5m > 0.5" },
	{ what: "refusals of callers", query: 'rate(retyn_http_requests_total{status="422"}[1m]) > 0' },
];

/** A change is seen by somebody who knows what was before. */
async function untilSeen(prometheus: Prometheus, instances: number): Promise<void> {
	const end = performance.now() + READ_WITHIN_MS;
	while ((await prometheus.ask("retyn_data_version")).length < instances && performance.now() < end) {
		await Bun.sleep(250);
	}
}

/** Asks until there is nothing to complain of, or no time. */
async function askEverything(prometheus: Prometheus): Promise<Finding[]> {
	const files = new Map<string, Expression[]>([["rules.yml", ruleExpressions(readRules())]]);
	for (const [file, dashboard] of readDashboards()) files.set(file, dashboardExpressions(dashboard));
	files.set("what was provoked", [...PROVOKED]);
	const end = performance.now() + ANSWERED_WITHIN_MS;
	for (;;) {
		const findings: Finding[] = [];
		for (const [what, expressions] of files) {
			const problems: string[] = [];
			for (const one of expressions) problems.push(...(await problemsOf(prometheus, one)));
			findings.push({ what, checked: expressions.length, problems });
		}
		if (performance.now() > end || findings.every(({ problems }) => problems.length === 0)) return findings;
		await Bun.sleep(1_000);
	}
}

async function problemsOf(prometheus: Prometheus, { what, query }: Expression): Promise<string[]> {
	try {
		const samples = await prometheus.ask(query);
		if (samples.length === 0) return [`${what} is empty: ${query}`];
		return samples.every(({ value }) => Number.isNaN(value)) ? [`${what} is NaN: ${query}`] : [];
	} catch (error) {
		return [`${what}: ${error instanceof Error ? error.message : String(error)}: ${query}`];
	}
}

/** Nobody is alerted of the breaker before, and somebody is while the fault lasts. */
async function alertWhile(prometheus: Prometheus, fault: () => void): Promise<Finding> {
	const finding = (...problems: string[]) => ({
		what: `${BREAKER} while Redis is frozen`,
		checked: 2,
		problems,
	});
	const alerts = () => prometheus.ask(`ALERTS{alertname="${BREAKER}", alertstate="firing"}`);
	if ((await alerts()).length > 0) return finding("it fires while all is well");
	fault();
	const end = performance.now() + ALERT_WITHIN_MS;
	while (performance.now() < end) {
		if ((await alerts()).length > 0) return finding();
		await Bun.sleep(250);
	}
	return finding(`it did not fire within ${ALERT_WITHIN_MS / 1000} s`);
}

await runScript(main);
