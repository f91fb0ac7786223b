import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DCLinter } from "dclint";
import { configVariables, readConfig } from "../../src/config.ts";
import { compose, composeSource, composeVariables, interpolate, service } from "./compose-file.ts";
import { projectPath } from "./files.ts";

const SECRETS = {
	JWT_SECRET: "f3b1c0de9a7e5d2846bb10c39d5fe07a",
	POSTGRES_PASSWORD: "p@ss/w:rd#%+",
	REDIS_PASSWORD: "c2a4e6d8b0f1937566aa",
};

/** Secrets of those who run something else than what this file starts. */
const OPTIONAL = ["REDIS_SENTINEL_PASSWORD"];

const services = Object.entries(compose.services);
const END_BY_THEMSELVES = ["retyn-migrate", "retyn-redis-cluster"];
const longLived = services.map(([name]) => name).filter((name) => !END_BY_THEMSELVES.includes(name));

/** The linter checks the file against the JSON schema of the Compose specification, then by rules of its own. */
function lint(path: string): string[] {
	const rules = {
		// Matters of taste: this file is ordered by meaning.
		"service-keys-order": 0,
		"service-dependencies-alphabetical-order": 0,
		"services-alphabetical-order": 0,
		"top-level-properties-order": 0,
		// Does not see the address when it is a variable; a test below looks at it.
		"no-unbound-port-interfaces": 0,
		// Built here and used by two services, so it needs a name.
		"no-build-and-image": 0,
	} as const;
	const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
	return linter
		.lintFiles([path], false)
		.flatMap((result) => result.messages.map(({ rule, message }) => `${rule}: ${message}`));
}

describe("docker-compose.yml", () => {
	test("follows the Compose specification", () => {
		expect(lint(projectPath("docker-compose.yml"))).toEqual([]);
	});

	test("would not pass with a word that the specification does not know", () => {
		const folder = mkdtempSync(join(tmpdir(), "retyn-compose-"));
		const path = join(folder, "docker-compose.yml");
		writeFileSync(path, composeSource.replace("read_only:", "readonly:"));
		expect(lint(path)).toEqual([expect.stringContaining("invalid-schema")]);
		rmSync(folder, { recursive: true });
	});

	test("publishes the application as 8003, nginx as 8004, and no other service but Grafana", () => {
		expect(service("retyn-avm").ports).toEqual([`\${PUBLISH_ADDRESS:-0.0.0.0}:8003:8000`]);
		expect(service("retyn-nginx").ports).toEqual([`\${PUBLISH_ADDRESS:-0.0.0.0}:8004:8080`]);
		expect(service("retyn-avm").environment?.["PORT"]).toBe("8000");
		for (const [name, { ports }] of services) {
			if (!["retyn-avm", "retyn-nginx", "retyn-grafana"].includes(name)) expect(ports).toBeUndefined();
		}
	});

	test("leaves PostgreSQL and Redis no way in or out but through the application's network", () => {
		expect(compose.networks["inside"]).toEqual({ internal: true });
		for (const name of ["retyn-postgres", "retyn-redis", "retyn-migrate"]) {
			expect(service(name).networks).toEqual(["inside"]);
		}
	});

	test("starts the application after a migration of a healthy database, whether or not Redis is well", () => {
		expect(service("retyn-migrate").depends_on).toEqual({
			"retyn-postgres": { condition: "service_healthy" },
		});
		expect(service("retyn-avm").depends_on).toEqual({
			"retyn-migrate": { condition: "service_completed_successfully" },
			"retyn-postgres": { condition: "service_healthy" },
			"retyn-redis": { condition: "service_started" },
		});
	});

	test("migrates with the image that the application runs, and never with one from a registry", () => {
		expect(service("retyn-avm")).toMatchObject({ build: ".", image: "retyn-avm" });
		expect(service("retyn-migrate")).toMatchObject({ image: "retyn-avm", pull_policy: "never" });
		expect(service("retyn-migrate").restart).toBe("no");
	});

	test("keeps the database in a volume where PostgreSQL 18 has its data", () => {
		expect(service("retyn-postgres").image).toStartWith("postgres:18");
		expect(service("retyn-postgres").volumes).toEqual(["postgres-data:/var/lib/postgresql"]);
	});

	test.each(longLived)("watches the health of %s and starts it again", (name) => {
		expect(service(name).healthcheck?.test?.length).toBeGreaterThan(1);
		expect(service(name).restart).toBe("unless-stopped");
	});

	test.each(Object.keys(compose.services))("bounds and confines %s", (name) => {
		const { logging, mem_limit, read_only, security_opt } = service(name);
		expect(interpolate(mem_limit ?? "", {})).toMatch(/^\d+[mg]$/);
		expect(logging?.options["max-size"]).toBe("10m");
		expect(read_only).toBe(true);
		expect(security_opt).toEqual(["no-new-privileges:true"]);
	});
});

describe("the environment that docker-compose.yml sets up", () => {
	const environment = service("retyn-avm").environment ?? {};

	test("gives no secret a default: a missing one stops with its name", () => {
		const used = composeVariables(composeSource).filter(({ name }) => name in SECRETS);
		expect(new Set(used.map(({ name }) => name))).toEqual(new Set(Object.keys(SECRETS)));
		for (const { name, operator, operand } of used) {
			expect(operator).toBe(":?");
			expect(operand).toContain(`set ${name} in .env`);
		}
	});

	test("spells out no secret", () => {
		const secrets = services.flatMap(([, { environment }]) =>
			Object.entries(environment ?? {}).filter(([name]) => /PASSWORD|SECRET|AUTH$/.test(name)),
		);
		expect(secrets.length).toBeGreaterThan(4);
		for (const [name, value] of secrets) {
			// Of a service that most do not start, and that sees to it itself.
			if (name === "GF_SECURITY_ADMIN_PASSWORD") expect(value).toBe(`\${GRAFANA_PASSWORD:-}`);
			else expect(value).toMatch(OPTIONAL.includes(name) ? /^\$\{\w+:-\}$/ : /^\$\{\w+:\?[^}]+\}$/);
		}
		expect(composeSource).not.toMatch(/:\/\/[^@\s/]*:[^@\s]*@/);
	});

	test("mentions every variable that the configuration knows", () => {
		expect(Object.keys(environment)).toEqual(expect.arrayContaining([...configVariables]));
	});

	test("is a usable production configuration as soon as the secrets are set", () => {
		const env = Object.fromEntries(
			Object.entries(environment).map(([name, value]) => [name, interpolate(value, SECRETS)]),
		);
		expect(readConfig(env)).toMatchObject({
			environment: "production",
			port: 8000,
			database: { url: "postgres://retyn@retyn-postgres:5432/retyn" },
			redis: { enabled: true, host: "retyn-redis", port: 6379, password: SECRETS.REDIS_PASSWORD },
			auth: { cookieSecure: true },
		});
		expect(env["PGPASSWORD"]).toBe(SECRETS.POSTGRES_PASSWORD);
	});

	test("hands on what .env says", () => {
		const value = interpolate(environment["CACHE_LOG"] ?? "", { CACHE_LOG: "all" });
		expect(value).toBe("all");
	});
});
