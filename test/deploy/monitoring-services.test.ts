import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { parse } from "yaml";
import { compose, interpolate, service } from "./compose-file.ts";
import { projectFile, projectPath } from "./files.ts";

const MONITORING = ["retyn-prometheus", "retyn-grafana"];
const prometheus = service("retyn-prometheus");
const grafana = service("retyn-grafana");

/** Host path -> path in the container, of what is mounted from the repository. */
function mounted({ volumes = [] }: { volumes?: string[] }): Map<string, string> {
	const own = volumes.filter((volume) => volume.startsWith("./"));
	for (const volume of own) expect(volume).toEndWith(":ro");
	return new Map(own.map((volume) => volume.slice(2).split(":") as [string, string]));
}

test("Prometheus and Grafana start for those who ask for them, and for nobody else", () => {
	const monitoring = Object.entries(compose.services).filter(([, { profiles }]) =>
		profiles?.includes("monitoring"),
	);
	expect(monitoring.map(([name]) => name)).toEqual(MONITORING);
	for (const [, { profiles }] of monitoring) expect(profiles).toEqual(["monitoring"]);
});

test("Prometheus reads figures inside, and only Grafana is published, on this machine unless asked otherwise", () => {
	expect(prometheus.networks).toEqual(["inside"]);
	expect(grafana.networks).toEqual(["outside", "inside"]);
	const [port = ""] = grafana.ports ?? [];
	expect(interpolate(port, {})).toBe("127.0.0.1:3000:3000");
	expect(interpolate(port, { GRAFANA_ADDRESS: "10.0.0.4" })).toBe("10.0.0.4:3000:3000");
});

test("the images of Prometheus and Grafana are of a fixed version", () => {
	expect(prometheus.image).toMatch(/^prom\/prometheus:v3\.\d+\.\d+$/);
	expect(grafana.image).toMatch(/^grafana\/grafana:12\.\d+\.\d+$/);
});

test("Prometheus finds its configuration, its rules and the port that the instances open", () => {
	const files = mounted(prometheus);
	for (const file of files.keys()) expect(existsSync(projectPath(file))).toBe(true);
	expect(prometheus.command).toContain(`--config.file=${files.get("deploy/prometheus.yml")}`);
	const config = parse(projectFile("deploy/prometheus.yml"));
	// Paths of rules begin at the folder of the configuration, here and in the container.
	expect(config.rule_files).toEqual(["prometheus/rules.yml"]);
	expect(files.get("deploy/prometheus")).toBe("/etc/prometheus/prometheus");
	const [scrape] = config.scrape_configs;
	const [found] = scrape.dns_sd_configs;
	expect(scrape.job_name).toBe("retyn-avm");
	expect(found.names).toEqual(["retyn-avm"]);
	expect(String(found.port)).toBe(service("retyn-avm").environment?.["METRICS_PORT"] ?? "");
});

test("Grafana finds Prometheus and the dashboards", () => {
	const files = mounted(grafana);
	const provisioned = (name: string) => parse(projectFile(`deploy/grafana/provisioning/${name}`));
	expect(files.get("deploy/grafana/provisioning")).toBe("/etc/grafana/provisioning");
	const [datasource] = provisioned("datasources/prometheus.yml").datasources;
	expect(datasource).toMatchObject({
		type: "prometheus",
		url: "http://retyn-prometheus:9090",
		isDefault: true,
	});
	const [provider] = provisioned("dashboards/retyn-avm.yml").providers;
	expect(provider.options.path).toBe(files.get("deploy/grafana/dashboards"));
	const interval = parse(projectFile("deploy/prometheus.yml")).global.scrape_interval;
	expect(datasource.jsonData.timeInterval).toBe(interval);
});

test("Grafana starts with a password, and says what to set where there is none", () => {
	const [shell = "", ...args] = grafana.entrypoint ?? [];
	const start = (env: Record<string, string>) => {
		// Compose makes one $ of two. What it would start is not here.
		const words = args.map((arg) => arg.replaceAll("$$", "$").replace("exec /run.sh", "echo started"));
		const password = interpolate(grafana.environment?.["GF_SECURITY_ADMIN_PASSWORD"] ?? "", env);
		return spawnSync(shell, words, { env: { GF_SECURITY_ADMIN_PASSWORD: password }, encoding: "utf8" });
	};
	expect(start({ GRAFANA_PASSWORD: "6f1d0c2b9e" })).toMatchObject({ status: 0, stdout: "started\n" });
	for (const env of [{}, { GRAFANA_PASSWORD: "" }]) {
		const { status, stdout, stderr } = start(env);
		expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
		expect(stderr).toContain("set GRAFANA_PASSWORD in .env");
	}
});
