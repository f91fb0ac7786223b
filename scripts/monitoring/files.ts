import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../../src/cli/dev/places.ts";

export const PROMETHEUS_CONFIG = join(projectRoot, "deploy/prometheus.yml");
export const RULES = join(projectRoot, "deploy/prometheus/rules.yml");
export const RULE_TESTS = join(projectRoot, "deploy/prometheus/rules.test.yml");
const DASHBOARDS = join(projectRoot, "deploy/grafana/dashboards");

/** Of Prometheus, as far as it is looked at here. */
export interface PrometheusConfig {
	global: Record<string, unknown>;
	rule_files: string[];
	scrape_configs: Record<string, unknown>[];
}

export interface Rule {
	record?: string;
	alert?: string;
	expr: string;
	for?: string;
	labels?: Record<string, string>;
	annotations?: Record<string, string>;
}

export interface RuleFile {
	groups: { name: string; rules: Rule[] }[];
}

/** Of Grafana, as far as it is looked at here. */
export interface Dashboard {
	uid: string;
	title: string;
	schemaVersion: number;
	panels: Panel[];
	annotations: { list: { name: string; expr?: string; datasource?: DatasourceRef }[] };
	templating: { list: { name: string; type: string; definition?: string; datasource?: DatasourceRef }[] };
}

export interface Panel {
	id: number;
	type: string;
	title: string;
	description?: string;
	datasource?: DatasourceRef;
	fieldConfig?: { defaults: { unit?: string } };
	targets?: { refId: string; expr: string; datasource?: DatasourceRef }[];
}

interface DatasourceRef {
	type: string;
	uid: string;
}

export function readPrometheusConfig(): PrometheusConfig {
	return parse(readFileSync(PROMETHEUS_CONFIG, "utf8"));
}

export function readRules(): RuleFile {
	return parse(readFileSync(RULES, "utf8"));
}

/** By the name of their file. */
export function readDashboards(): Map<string, Dashboard> {
	const names = readdirSync(DASHBOARDS).filter((name) => name.endsWith(".json"));
	return new Map(names.map((name) => [name, JSON.parse(readFileSync(join(DASHBOARDS, name), "utf8"))]));
}
