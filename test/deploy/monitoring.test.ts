import { beforeAll, describe, expect, test } from "bun:test";
import {
	dashboardExpressions,
	metricsIn,
	ruleExpressions,
	withBool,
} from "../../scripts/monitoring/expressions.ts";
import { readDashboards, readRules } from "../../scripts/monitoring/files.ts";
import { createCounting } from "../../src/observability/counting.ts";
import { policies } from "../../src/policies.ts";
import { createTestClock } from "../cache/support/clock.ts";

const rules = readRules();
const allRules = rules.groups.flatMap((group) => group.rules);
const alerts = allRules.filter(({ alert }) => alert !== undefined);
const dashboards = [...readDashboards()];
const titledPanels = dashboards.flatMap(([, { panels }]) => panels.filter(({ type }) => type !== "row"));

/** The chapters of docs/operations.md that an alert may lead to. */
const CHAPTERS = [
	"always-a-miss",
	"connection-failed",
	"stale-data",
	"out-of-memory",
	"errors",
	"the-database",
];

let exposed: Set<string>;
beforeAll(async () => {
	const counting = createCounting({
		clock: createTestClock(),
		policies: Object.values(policies).map(({ name }) => name),
		tiers: ["memory", "redis"],
		stores: ["redis"],
		segments: ["all"],
		poolSize: 10,
	});
	const text = await (await counting.metrics({})).text();
	exposed = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = ""]) => name));
});

describe("what is shown and alerted of", () => {
	test("is made of metrics that the service exposes", () => {
		const expressions = [
			...ruleExpressions(rules),
			...dashboards.flatMap(([, dashboard]) => dashboardExpressions(dashboard)),
		];
		const used = new Set(expressions.flatMap(({ query }) => metricsIn(query)));
		expect(used.size).toBeGreaterThan(30);
		expect([...used].filter((name) => !exposed.has(name))).toEqual([]);
	});

	test("leaves out none of the service's own metrics", () => {
		const used = dashboards.flatMap(([, dashboard]) =>
			dashboardExpressions(dashboard).flatMap(({ query }) => metricsIn(query)),
		);
		const left = [...exposed].filter((name) => name.startsWith("retyn_") && !used.includes(name));
		expect(left).toEqual([]);
	});

	test("is made of recorded figures that are recorded", () => {
		const recorded = new Set(allRules.map(({ record }) => record));
		const used = allRules.flatMap(({ expr }) => expr.match(/\b[a-z]+:[a-z0-9_]+:\w+/g) ?? []);
		expect(used.length).toBeGreaterThan(5);
		expect(used.filter((name) => !recorded.has(name))).toEqual([]);
	});

	test("names policies that exist", () => {
		const names: string[] = Object.values(policies).map(({ name }) => name);
		const used = allRules.flatMap(({ expr }) => [...expr.matchAll(/policy!?="([^"]+)"/g)]);
		expect(used.length).toBeGreaterThan(0);
		for (const [, name = ""] of used) expect(names).toContain(name);
	});
});

describe("every alert", () => {
	test("has a name of its own", () => {
		const names = alerts.map(({ alert }) => alert);
		expect(names.length).toBeGreaterThan(10);
		expect(new Set(names).size).toBe(names.length);
	});

	test.each(alerts.map((one) => [one.alert ?? "", one] as const))(
		"%s waits, says how bad it is, what it is and where to go on",
		(_, alert) => {
			expect(alert.for).toMatch(/^\d+m$/);
			expect(["warning", "critical"]).toContain(alert.labels?.["severity"] ?? "");
			const { summary = "", description = "" } = alert.annotations ?? {};
			expect(summary.length).toBeGreaterThan(10);
			expect(description.length).toBeGreaterThan(80);
			const [, chapter = ""] = /: docs\/operations\.md#([a-z-]+)$/.exec(description) ?? [];
			expect(CHAPTERS).toContain(chapter);
		},
	);
});

describe("every dashboard", () => {
	test.each(dashboards)(
		"%s takes its data source from a variable",
		(_, { templating, annotations, panels }) => {
			expect(templating.list[0]).toMatchObject({ name: "datasource", type: "datasource" });
			const sources = [
				...templating.list,
				...annotations.list,
				...panels,
				...panels.flatMap(({ targets = [] }) => targets),
			];
			const uids = sources.flatMap(({ datasource }) => datasource?.uid ?? []);
			expect(uids.length).toBeGreaterThan(panels.length);
			expect(new Set(uids)).toEqual(new Set([`\${datasource}`]));
		},
	);

	test("has an identity of its own, and so has every panel of it", () => {
		const uids = dashboards.map(([, { uid }]) => uid);
		expect(uids.toSorted()).toEqual(["retyn-avm-cache", "retyn-avm-service"]);
		for (const [, { panels }] of dashboards) {
			expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
		}
	});

	test("explains each panel, and gives its unit", () => {
		expect(titledPanels.length).toBeGreaterThan(30);
		for (const { title, description = "", fieldConfig, targets = [] } of titledPanels) {
			expect([title, description.length > 15, targets.length > 0]).toEqual([title, true, true]);
			expect([title, fieldConfig?.defaults.unit]).toEqual([title, expect.stringMatching(/./)]);
		}
	});
});

describe("an alert's expression can be asked while all is well", () => {
	test("by putting `bool` behind its comparison, whatever stands in braces and quotes", () => {
		expect(withBool('rate(a{b=~"<5>"}[5m]) / 2 > 0.1')).toBe('rate(a{b=~"<5>"}[5m]) / 2 > bool 0.1');
		expect(withBool("a <= 1")).toBe("a <= bool 1");
	});

	test("unless it compares twice, or not at all", () => {
		expect(() => withBool("a > 1 and b < 2")).toThrow(RangeError);
		expect(() => withBool('a{b="c"}')).toThrow(RangeError);
	});
});
