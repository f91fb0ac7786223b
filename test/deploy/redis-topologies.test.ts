import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { Redis } from "ioredis";
import { openRedisBackend } from "../../src/cache/redis.ts";
import { readConfig } from "../../src/config.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestRedis, type TestRedis } from "../cache/support/redis.ts";
import { compose, composeSource, interpolate, service } from "./compose-file.ts";
import { projectFile, projectPath } from "./files.ts";

const REDIS_PASSWORD = "made-up for this test";
const MOUNTED = "/etc/redis/retyn";

const started: TestRedis[] = [];
afterAll(async () => {
	await Promise.all(started.map((server) => server.stop()));
});

function withProfile(profile: string): string[] {
	const all = Object.entries(compose.services);
	return all.filter(([, { profiles }]) => profiles?.includes(profile)).map(([name]) => name);
}

/** The arguments of a service's command, with what it mounts found in the repository. */
function argumentsOf(name: string): string[] {
	const [program, ...args] = service(name).command ?? [];
	expect(program).toBe("redis-server");
	return args.map((arg) =>
		interpolate(arg, { REDIS_PASSWORD }).replace(MOUNTED, projectPath("deploy/redis")),
	);
}

function startAs(name: string): Promise<TestRedis> {
	const [file, ...args] = argumentsOf(name);
	return createTestRedis({ file, args });
}

/** What the file's head says to put into .env. */
function told(name: string): string {
	const [, value = ""] =
		new RegExp(`${name}=([^\\s.]+)`).exec(composeSource.replaceAll(/\n\s*# /g, " ")) ?? [];
	return value;
}

function configured(env: Record<string, string>) {
	return readConfig({
		DATABASE_URL: "postgres://retyn@localhost/retyn",
		JWT_SECRET: "f3b1c0de9a7e5d2846bb10c39d5fe07a",
		REDIS_ENABLED: "true",
		...env,
	}).redis;
}

describe("one Redis with more memory, by memory.conf", () => {
	const file = projectPath("deploy/redis/memory.conf");

	test("has the memory that the file says, and keeps nothing on disk", async () => {
		const server = await createTestRedis({ file });
		started.push(server);
		const client = new Redis(server.port);
		const settings = await client.config("GET", "maxmemory", "maxmemory-policy", "save", "appendonly");
		client.disconnect();
		expect(settings).toEqual(expect.arrayContaining([String(2 * 1024 ** 3), "allkeys-lru", "no"]));
	});

	test("takes every answer when it is full, and drops others for it", async () => {
		const server = await createTestRedis({ file, args: ["--maxmemory", "8mb"] });
		started.push(server);
		const backend = openRedisBackend({
			redis: { host: "127.0.0.1", port: server.port },
			memoryBytes: 0,
			clock: Date.now,
			deadlineMs: 2_000,
		});
		try {
			await eventually(() => backend.connected);
			const answer = new Uint8Array(8_000).fill(1);
			for (let index = 0; index < 3_000; index += 1) {
				await backend.store.set(`areas:${index}`, answer, 600_000);
			}
			expect(await backend.store.get("areas:2999")).toBeDefined();
			expect((await backend.store.inspection?.usage())?.evictions).toBeGreaterThan(1_000);
		} finally {
			await backend.close();
		}
	}, 30_000);
});

describe("the profile sentinel", () => {
	const nodes = ["retyn-redis-1", "retyn-redis-2", "retyn-redis-3"];
	const sentinels = ["retyn-sentinel-1", "retyn-sentinel-2", "retyn-sentinel-3"];

	test("starts a primary, two replicas and three Sentinels", () => {
		expect(withProfile("sentinel")).toEqual([...nodes, ...sentinels]);
		const replicas = nodes.filter((name) => argumentsOf(name).includes("--replicaof"));
		expect(replicas).toEqual(["retyn-redis-2", "retyn-redis-3"]);
		for (const [index, name] of nodes.entries()) {
			// A folder of the image's own user: over a tmpfs it would be root's, and no copy could be taken.
			expect(service(name).volumes).toContain(`redis-${index + 1}:/data`);
			const args = argumentsOf(name);
			expect(args[args.indexOf("--replica-announce-ip") + 1]).toBe(name);
			expect(args).toEqual(expect.arrayContaining(["--requirepass", "--masterauth"]));
		}
	});

	test("watches the first of them, under the name and at the addresses that .env is to be given", () => {
		const [, name = "", host = ""] =
			/^sentinel monitor (\S+) (\S+) /m.exec(projectFile("deploy/redis/sentinel.conf")) ?? [];
		expect(host).toBe("retyn-redis-1");
		expect(told("REDIS_MASTER_NAME")).toBe(name);
		const { sentinel } = configured({
			REDIS_SENTINELS: told("REDIS_SENTINELS"),
			REDIS_MASTER_NAME: told("REDIS_MASTER_NAME"),
		});
		expect(sentinel?.nodes).toEqual(sentinels.map((each) => ({ host: each, port: 26_379 })));
		for (const each of sentinels) {
			expect(service(each).command?.at(-1)).toContain("--sentinel --port 26379");
			expect(service(each).command?.at(-1)).toContain(`sentinel auth-pass ${name} `);
		}
	});

	test("gives each server a command that Redis takes", async () => {
		const server = await startAs("retyn-redis-1");
		started.push(server);
		expect(server.port).toBeGreaterThan(0);
	});
});

describe("the profile cluster", () => {
	const nodes = Array.from({ length: 6 }, (_, index) => `retyn-redis-node-${index + 1}`);

	test("starts six nodes, each known by its name and with a place to remember who it is", () => {
		expect(withProfile("cluster")).toEqual([...nodes, "retyn-redis-cluster"]);
		for (const [index, name] of nodes.entries()) {
			const args = argumentsOf(name);
			expect(args[args.indexOf("--cluster-announce-hostname") + 1]).toBe(name);
			expect(service(name).volumes).toContain(`redis-node-${index + 1}:/data`);
		}
	});

	test("makes a cluster of them once all are there, and is named to .env", () => {
		const maker = service("retyn-redis-cluster");
		expect(Object.keys(maker.depends_on ?? {})).toEqual(nodes);
		expect(maker.restart).toBe("no");
		expect(maker.command?.at(-1)).toContain("--cluster create $$nodes --cluster-replicas 1");
		const { cluster } = configured({ REDIS_CLUSTER_NODES: told("REDIS_CLUSTER_NODES") });
		for (const { host, port } of cluster ?? []) {
			expect(nodes).toContain(host);
			expect(port).toBe(6_379);
		}
	});

	test("gives each node a command that Redis takes", async () => {
		const server = await startAs("retyn-redis-node-1");
		started.push(server);
		expect(server.port).toBeGreaterThan(0);
	});
});

test.each(["sentinel-node.conf", "cluster-node.conf"])(
	"a replica with %s leaves no copy behind that a later start would read",
	async (name) => {
		const file = projectPath(`deploy/redis/${name}`);
		const args = ["--cluster-enabled", "no"];
		const primary = await createTestRedis({ file, args });
		started.push(primary);
		const replica = await createTestRedis({
			file,
			args: [...args, "--replicaof", "127.0.0.1", String(primary.port)],
		});
		started.push(replica);
		const client = new Redis(replica.port);
		try {
			await eventually(async () => /master_link_status:up/.test(await client.info("replication")), 20_000);
			const [, folder = ""] = (await client.config("GET", "dir")) as [string, string];
			await eventually(() => {
				expect(readdirSync(folder).filter((each) => each.endsWith(".rdb"))).toEqual([]);
			});
		} finally {
			client.disconnect();
		}
	},
	30_000,
);

test("every file of Redis that a service is started with is there", () => {
	const files = [...composeSource.matchAll(/\/etc\/redis\/retyn\/([\w-]+\.conf)/g)].map(([, name]) => name);
	expect(files.length).toBeGreaterThan(3);
	for (const name of files) expect(existsSync(projectPath(`deploy/redis/${name}`))).toBe(true);
});
