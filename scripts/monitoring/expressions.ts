import type { Dashboard, RuleFile } from "./files.ts";

/** Something in PromQL that people rely on. */
export interface Expression {
	/** The panel or rule. */
	readonly what: string;
	/** As Prometheus can be asked it: without variables, and such that there is an answer while all is well. */
	readonly query: string;
}

/** What Grafana puts in place of its variables; the window spans enough of one second's readings. */
const VARIABLES = [
	["$__rate_interval", "30s"],
	["$instance", ".+"],
] as const;

/** Each query of each panel, of the annotations and of the variables. */
export function dashboardExpressions(dashboard: Dashboard): Expression[] {
	const panels = dashboard.panels.flatMap(({ title, targets = [] }) =>
		targets.map(({ refId, expr }) => ({ what: `${title}, ${refId}`, query: expr })),
	);
	const variables = dashboard.templating.list.flatMap(({ name, definition }) => {
		const [, series] = /^label_values\((.+), \w+\)$/.exec(definition ?? "") ?? [];
		return series === undefined ? [] : [{ what: `the variable ${name}`, query: series }];
	});
	// The others are empty while nothing happens, which is what they tell of.
	const annotations = dashboard.annotations.list.flatMap(({ name, expr }) =>
		expr === undefined || expr.startsWith("ALERTS")
			? []
			: [{ what: `the annotation ${name}`, query: withBool(expr) }],
	);
	return [...panels, ...variables, ...annotations].map(({ what, query }) => ({
		what,
		query: VARIABLES.reduce((text, [name, value]) => text.replaceAll(name, value), query),
	}));
}

/** Each rule's; an alert's in the form that has an answer also while there is nothing to alert of. */
export function ruleExpressions({ groups }: RuleFile): Expression[] {
	return groups
		.flatMap(({ rules }) => rules)
		.map(({ record, alert, expr }) => ({
			what: record ?? alert ?? "",
			query: alert === undefined ? expr : withBool(expr),
		}));
}

/**
 * The same comparison, but with 0 or 1 for every series instead of only those of which it is true.
 *
 * @throws {RangeError} unless it compares exactly once
 */
export function withBool(expr: string): string {
	// What is inside of braces or quotes is kept out of sight, with its length.
	const visible = expr.replaceAll(/\{[^}]*\}|"[^"]*"/g, (hidden) => " ".repeat(hidden.length));
	const found = [...visible.matchAll(/==|!=|>=|<=|>|</g)].filter(
		({ 0: operator, index }) => !visible.slice(index + operator.length).startsWith(" bool"),
	);
	const [only] = found;
	if (!only || found.length > 1)
		throw new RangeError(`${expr} compares ${found.length} times instead of once`);
	const end = only.index + only[0].length;
	return `${expr.slice(0, end)} bool${expr.slice(end)}`;
}

/** The names of metrics of the service, of its process and of its runtime in a PromQL expression, without `_bucket`. */
export function metricsIn(expr: string): string[] {
	const words = expr.replaceAll(/"[^"]*"/g, "").match(/(?<![\w:])(retyn|process|nodejs)_\w+(?![\w:])/g) ?? [];
	return [...new Set(words.map((word) => word.replace(/_bucket$/, "")))];
}
