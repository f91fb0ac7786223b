import { expect, test } from "bun:test";
import { compose, service } from "./compose-file.ts";
import { projectFile } from "./files.ts";

const nginx = service("retyn-nginx");
const { profiles: _, ...instance } = service("retyn-avm-1");
const scaled = Object.entries(compose.services).filter(([, { profiles }]) => profiles?.includes("scale"));

/** `server NAME:PORT` in nginx's list of instances. */
const upstream = [...projectFile("deploy/nginx/upstream.conf").matchAll(/^\s*server (\S+):(\d+) /gm)].map(
	([, name = "", port]) => ({ name, port }),
);

test("nginx and the instances behind it start for those who ask for them, and for nobody else", () => {
	expect(scaled.map(([name]) => name)).toEqual([...upstream.map(({ name }) => name), "retyn-nginx"]);
	for (const [, { profiles }] of scaled) expect(profiles).toEqual(["scale"]);
});

test("nginx finds each instance by its name, at the port that it listens on", () => {
	expect(upstream).toHaveLength(3);
	for (const { name, port } of upstream) expect(service(name).environment?.["PORT"]).toBe(port ?? "");
});

test("an instance differs from the one without nginx in what it is told of callers, and in being published", () => {
	const { build, ports, environment, networks, ...single } = service("retyn-avm");
	expect(instance).toEqual({
		...single,
		pull_policy: "never",
		environment: { ...environment, TRUST_PROXY: "true" },
		networks: { outside: {}, inside: { aliases: ["retyn-avm"] } },
	});
	expect(build).toBe(".");
	expect(ports).toHaveLength(1);
	expect(networks).toEqual(["outside", "inside"]);
});

test("nginx is run as its files say: any user, and a read-only root", () => {
	expect(nginx.volumes).toEqual(["./deploy/nginx:/etc/nginx/retyn:ro"]);
	const command = "nginx -p /tmp -e stderr -c /etc/nginx/retyn/nginx.conf";
	expect(nginx.entrypoint?.join(" ")).toBe(command);
	expect(nginx.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
	const [, listens = ""] = /^listen (\d+)/m.exec(projectFile("deploy/nginx/listen.conf")) ?? [];
	expect(nginx.ports?.[0]).toEndWith(`:${listens}`);
});

test("nginx is new enough to look names up again", () => {
	const [, minor = ""] = /^nginx:1\.(\d+)-/.exec(nginx.image ?? "") ?? [];
	expect(Number(minor)).toBeGreaterThanOrEqual(28);
});
