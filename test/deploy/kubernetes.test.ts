import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import packageJson from "../../package.json" with { type: "json" };
import { readDockerfile } from "../../scripts/image/dockerfile.ts";
import { configVariables, readConfig } from "../../src/config.ts";
import { projectFile, projectPath } from "./files.ts";
import { schemaProblems, unknownFields } from "./manifest-schemas.ts";
import {
	kustomization,
	type Manifest,
	manifest,
	manifestSources,
	manifests,
	type PodTemplate,
} from "./manifests.ts";

const SECRETS: Record<string, string> = {
	DATABASE_URL: "postgres://retyn:made-up@db.example:5432/retyn",
	JWT_SECRET: "f3b1c0de9a7e5d2846bb10c39d5fe07a",
	REDIS_PASSWORD: "c2a4e6d8b0f1937566aa",
};

const deployment = manifest("Deployment");
const template: PodTemplate = deployment.spec.template;
const migration: PodTemplate = manifest("Job").spec.template;
const autoscaler = manifest("HorizontalPodAutoscaler").spec;
const settings = manifest("ConfigMap").data ?? {};
const [server = never()] = template.spec.containers;
const [migrate = never()] = migration.spec.containers;
const pods = [
	["server", template, server],
	["migration", migration, migrate],
] as const;
/** Kinds of the cluster itself; the others come with operators and have schemas of their own. */
const builtIn = [...manifests].filter(
	([, { apiVersion }]) => !apiVersion.startsWith("monitoring.coreos.com/"),
);

function never(): never {
	throw new Error("A pod has no container");
}

function has(labels: Record<string, string>, wanted: Record<string, string>): boolean {
	return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

describe("the manifests", () => {
	test.each(builtIn)("%s is what its schema asks for", async (_, one) => {
		expect(await schemaProblems(one)).toEqual([]);
	});

	test("hold no field that Kubernetes does not know", () => {
		expect(unknownFields(builtIn.map(([, one]) => one))).toEqual([]);
	}, 60_000);

	test("would not pass with a field misspelt, missing or of another type", async () => {
		const broken = (change: (one: Manifest) => void) => {
			const copy = structuredClone(deployment);
			change(copy);
			return copy;
		};
		const misspelt = broken((one) => {
			one.spec.template.spec.containers[0].livenesProbe = {};
		});
		expect(unknownFields([misspelt])).toEqual([expect.stringContaining("livenesProbe")]);
		const missing = broken((one) => {
			delete one.spec.selector;
		});
		expect(await schemaProblems(missing)).toEqual([expect.stringContaining("selector")]);
		const mistyped = broken((one) => {
			one.spec.template.spec.terminationGracePeriodSeconds = "15";
		});
		expect(await schemaProblems(mistyped)).toEqual([
			expect.stringContaining("terminationGracePeriodSeconds"),
		]);
	}, 60_000);

	test("are all listed, but for the one that needs an operator", () => {
		const files = readdirSync(projectPath("deploy/k8s")).filter((name) => name !== "kustomization.yaml");
		expect([...kustomization.resources, "pod-monitor.yaml"].toSorted()).toEqual(files.toSorted());
		expect(manifest("Namespace").metadata.name).toBe(kustomization.namespace);
		for (const { kind, metadata } of manifests.values()) {
			if (kind !== "Namespace") expect(metadata.namespace).toBeUndefined();
		}
	});

	test("run one image in one version, that of package.json", () => {
		const [image] = kustomization.images;
		for (const [, , container] of pods) expect(container.image).toBe(image?.name ?? "");
		expect(image).toMatchObject({ newTag: packageJson.version });
	});
});

describe("what the pods are told", () => {
	test("are variables that the configuration knows, and no secret", () => {
		for (const name of Object.keys(settings)) {
			expect(configVariables).toContain(name);
			expect(name).not.toMatch(/SECRET|PASSWORD|_KEY|_URL$/);
		}
		for (const [, , container] of pods) {
			for (const { name, value, valueFrom } of container.env) {
				expect(configVariables).toContain(name);
				expect(value).toBeUndefined();
				expect(valueFrom?.secretKeyRef).toMatchObject({ name: "retyn-avm", key: name });
			}
			expect(container.envFrom).toEqual([{ configMapRef: { name: manifest("ConfigMap").metadata.name } }]);
		}
		expect([...manifests.values()].filter(({ kind }) => kind === "Secret")).toEqual([]);
		expect(manifestSources).not.toMatch(/:\/\/[^@\s/]*:[^@\s]*@/);
	});

	test("is a usable production configuration as soon as the Secret is there", () => {
		const secrets = server.env.flatMap(({ name }) => {
			const value = SECRETS[name];
			return value === undefined ? [] : [[name, value] as const];
		});
		expect(secrets.length).toBe(Object.keys(SECRETS).length);
		expect(readConfig({ ...settings, ...Object.fromEntries(secrets) })).toMatchObject({
			environment: "production",
			host: "0.0.0.0",
			redis: { enabled: true },
			trustProxy: true,
		});
	});

	test("without a variable that the Secret need not have", () => {
		const needed = server.env.filter(({ valueFrom }) => !valueFrom?.secretKeyRef?.optional);
		const env = Object.fromEntries(needed.map(({ name }) => [name, SECRETS[name]]));
		expect(readConfig({ ...settings, ...env }).auth.jwtSecret).toBe(SECRETS["JWT_SECRET"] ?? "");
	});
});

describe("a pod", () => {
	test.each(pods)("of the %s runs as the image's user and can do nothing else", (_, { spec }, container) => {
		const { user, group } = readDockerfile().config;
		expect(spec.securityContext).toEqual({
			runAsNonRoot: true,
			runAsUser: user,
			runAsGroup: group,
			seccompProfile: { type: "RuntimeDefault" },
		});
		expect(container.securityContext).toEqual({
			allowPrivilegeEscalation: false,
			readOnlyRootFilesystem: true,
			capabilities: { drop: ["ALL"] },
		});
		expect(spec.automountServiceAccountToken).toBe(false);
		expect(spec.serviceAccountName).toBe(manifest("ServiceAccount").metadata.name);
		expect(container.resources.limits["memory"]).toMatch(/^\d+Mi$/);
	});

	test("listens where its ports say", () => {
		const ports = new Map(server.ports?.map(({ name, containerPort }) => [name, String(containerPort)]));
		expect(ports.get("http")).toBe(settings["PORT"] ?? "");
		expect(ports.get("metrics")).toBe(settings["METRICS_PORT"] ?? "");
	});

	test("is asked on addresses that there are: whether it lives without its database, whether it is ready with it", () => {
		const routes = projectFile("src/app.ts");
		for (const { httpGet } of [server.startupProbe, server.livenessProbe, server.readinessProbe]) {
			expect(httpGet.port).toBe("http");
			expect(routes).toContain(`"${httpGet.path}"`);
		}
		expect(server.livenessProbe.httpGet.path).toBe("/livez");
		expect(server.startupProbe.httpGet.path).toBe("/livez");
		expect(server.readinessProbe.httpGet.path).toBe("/readyz");
		// It answers within 1.5 s whatever hangs.
		expect(server.readinessProbe.timeoutSeconds).toBeGreaterThan(1.5);
	});

	test("is given the time that a server takes to stop, and is out of the Service before it closes its port", () => {
		const [, text = ""] = /STOP_WITHIN_MS = ([\d_]+);/.exec(stopSource()) ?? [];
		const stopMs = Number(text.replaceAll("_", ""));
		expect(stopMs).toBeGreaterThan(0);
		expect(template.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(stopMs);
		const { stopDelayMs } = readConfig({ ...settings, ...SECRETS });
		const { periodSeconds, failureThreshold } = server.readinessProbe;
		expect(stopDelayMs).toBeGreaterThanOrEqual(1_000 * periodSeconds * (failureThreshold - 1));
	});

	test("of the migration runs a command that the image has, once", () => {
		const [command = ""] = migrate.args ?? [];
		const source = command.replace(/\.js$/, ".ts");
		expect(packageJson.scripts.build).toContain(`src/${source}`);
		expect(manifest("Job").spec.template.spec.restartPolicy).toBe("Never");
	});
});

describe("who finds whom", () => {
	const { labels } = template.metadata;

	test("the servers are found by all that look for them, and the migration by none of these", () => {
		const selectors = [
			deployment.spec.selector.matchLabels,
			manifest("Service").spec.selector,
			manifest("PodDisruptionBudget").spec.selector.matchLabels,
			manifest("PodMonitor").spec.selector.matchLabels,
			...deployment.spec.template.spec.topologySpreadConstraints.map(
				(one: { labelSelector: { matchLabels: Record<string, string> } }) => one.labelSelector.matchLabels,
			),
		];
		expect(selectors).toHaveLength(6);
		for (const selector of selectors) {
			expect(has(labels, selector)).toBe(true);
			expect(has(migration.metadata.labels, selector)).toBe(false);
		}
	});

	test("the network's rules are for both", () => {
		const { spec } = manifest("NetworkPolicy");
		for (const [, pod] of pods) expect(has(pod.metadata.labels, spec.podSelector.matchLabels)).toBe(true);
		const names = server.ports?.map(({ name }) => name);
		const opened = spec.ingress.flatMap(({ ports }: { ports: { port: string }[] }) =>
			ports.map(({ port }) => port),
		);
		expect(opened).toEqual(names);
	});

	test("the Service leads to the port of the API, and to no other", () => {
		expect(manifest("Service").spec.ports).toEqual([{ name: "http", port: 80, targetPort: "http" }]);
	});

	test("Prometheus gives the figures the name that rules and dashboards ask for", () => {
		const { jobLabel, podMetricsEndpoints } = manifest("PodMonitor").spec;
		expect(labels[jobLabel]).toBe("retyn-avm");
		expect(podMetricsEndpoints[0].port).toBe("metrics");
	});
});

describe("how many there are", () => {
	test("is for the autoscaler alone to say, by processor time", () => {
		expect(deployment.spec.replicas).toBeUndefined();
		expect(autoscaler.scaleTargetRef).toEqual({
			apiVersion: deployment.apiVersion,
			kind: deployment.kind,
			name: deployment.metadata.name,
		});
		const [{ resource }] = autoscaler.metrics;
		expect(resource.name).toBe("cpu");
		// A part of the one core that an instance can use.
		expect(Number.parseInt(resource.target.averageValue, 10)).toBeLessThan(1_000);
	});

	test("leaves a machine that is emptied one to take away", () => {
		const { maxUnavailable, minAvailable } = manifest("PodDisruptionBudget").spec;
		expect(minAvailable).toBeUndefined();
		expect(maxUnavailable).toBe(1);
		expect(autoscaler.minReplicas).toBeGreaterThan(maxUnavailable);
	});

	test("keeps below the connections that PostgreSQL takes by default", () => {
		const perInstance = Number(settings["DATABASE_POOL"]) + connectionsBesidePool();
		// 100, of which three are for superusers.
		expect(
			perInstance * (autoscaler.maxReplicas + deployment.spec.strategy.rollingUpdate.maxSurge),
		).toBeLessThanOrEqual(97);
	});
});

/** As the page says that operators plan by; what servers really hold is a test of the server. */
function connectionsBesidePool(): number {
	const [, beside = ""] =
		/instances x \(DATABASE_POOL \+ (\d)\) +<= max_connections of the primary/.exec(
			projectFile("docs/postgresql.md"),
		) ?? [];
	expect(beside).not.toBe("");
	return Number(beside);
}

/** Wherever the server's end is written down. */
function stopSource(): string {
	const files = readdirSync(projectPath("src/server")).map((name) => `src/server/${name}`);
	return ["src/server.ts", ...files].map(projectFile).join("\n");
}
