import { readdirSync } from "node:fs";
import { parse } from "yaml";
import { projectFile, projectPath } from "./files.ts";

const FOLDER = "deploy/k8s";

export interface Labels {
	[name: string]: string;
}

export interface Probe {
	httpGet: { path: string; port: string };
	periodSeconds: number;
	timeoutSeconds: number;
	failureThreshold: number;
}

export interface Variable {
	name: string;
	value?: string;
	valueFrom?: { secretKeyRef?: { name: string; key: string; optional?: boolean } };
}

export interface ManifestContainer {
	name: string;
	image: string;
	args?: string[];
	env: Variable[];
	envFrom: { configMapRef: { name: string } }[];
	ports?: { name: string; containerPort: number }[];
	resources: { requests: Labels; limits: Labels };
	securityContext: Record<string, unknown>;
	startupProbe: Probe;
	livenessProbe: Probe;
	readinessProbe: Probe;
}

export interface PodTemplate {
	metadata: { labels: Labels };
	spec: {
		containers: ManifestContainer[];
		serviceAccountName: string;
		automountServiceAccountToken: boolean;
		securityContext: Record<string, unknown>;
		terminationGracePeriodSeconds: number;
	};
}

/** What of an object's kind these tests look at; the schemas check the rest. */
export interface Manifest {
	apiVersion: string;
	kind: string;
	metadata: { name: string; namespace?: string; labels?: Labels };
	data?: Labels;
	// biome-ignore lint/suspicious/noExplicitAny: a kind's own fields, of which each test knows those that it reads
	spec?: any;
}

/** By the names of their files. */
export const manifests: ReadonlyMap<string, Manifest> = new Map(
	readdirSync(projectPath(FOLDER))
		.filter((name) => name !== "kustomization.yaml")
		.map((name) => [name, parse(projectFile(`${FOLDER}/${name}`))]),
);

export const kustomization: {
	namespace: string;
	resources: string[];
	images: { name: string; newName: string }[];
} = parse(projectFile(`${FOLDER}/kustomization.yaml`));

/** The text of all files, comments included. */
export const manifestSources: string = readdirSync(projectPath(FOLDER))
	.map((name) => projectFile(`${FOLDER}/${name}`))
	.join("\n");

export function manifest(kind: string): Manifest {
	const found = [...manifests.values()].filter((one) => one.kind === kind);
	const [one] = found;
	if (!one || found.length > 1) throw new Error(`There are ${found.length} manifests of the kind ${kind}`);
	return one;
}
