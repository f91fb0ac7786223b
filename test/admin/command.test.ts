import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { insertUser } from "../../db/queries/identity.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { createTestApp } from "../support/app.ts";
import { SECRET, type Server, useServers } from "../support/servers.ts";
import { FLAT } from "./support.ts";

const COMMAND = fileURLToPath(new URL("../../src/cli/cache.ts", import.meta.url));
const TEST_WITHIN_MS = 30_000;

const ground = useServers();
let server: Server;
let tokens: { admin: string; user: string };
/** Where a `bun run dev` would have noted its server; empty. */
let folder: string;
beforeAll(async () => {
	const { database } = ground;
	const { signUp } = await createTestApp({ database, clock: createTestClock(Date.now()) });
	tokens = { admin: await signUp("admin"), user: await signUp() };
	await insertUser(database.db, { email: "boss@example.com", passwordHash: "unused", role: "admin" });
	await insertUser(database.db, { email: "clerk@example.com", passwordHash: "unused", role: "user" });
	folder = await mkdtemp(join(tmpdir(), "retyn-cache-command-"));
});
beforeEach(async () => {
	server = await ground.start();
	await eventually(async () => (await server.ready()).code === 200, 20_000);
	await (await server.value(FLAT)).arrayBuffer();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(args: string[], env: Record<string, string | undefined>) {
	return Bun.spawn([process.execPath, "--no-env-file", COMMAND, ...args], {
		stdin: "ignore",
		stdout: "pipe",
		stderr: "pipe",
		env: { PATH: process.env["PATH"], RETYN_DATA_DIR: folder, ...env },
	});
}

async function runWith(env: Record<string, string | undefined>, ...args: string[]) {
	const child = start(args, env);
	const [out, err, exit] = await Promise.all([
		new Response(child.stdout).text(),
		new Response(child.stderr).text(),
		child.exited,
	]);
	return { out, err, exit };
}

const asAdmin = () => ({ RETYN_URL: server.url, RETYN_TOKEN: tokens.admin });
const run = (...args: string[]) => runWith(asAdmin(), ...args);
const jsonOf = async (...args: string[]) => JSON.parse((await run(...args, "--json")).out);

async function valuationIsHit(): Promise<boolean> {
	const response = await server.value(FLAT);
	await response.arrayBuffer();
	return /;\s*hit/.test(response.headers.get("Cache-Status") ?? "");
}

describe("looking into the cache", () => {
	test(
		"stats tells of each policy and of all instances",
		async () => {
			await ground.start();
			await eventually(async () => (await jsonOf("stats")).instances.length === 2);
			const { out, err, exit } = await run("stats");
			expect([err, exit]).toEqual(["", 0]);
			expect(out).toContain("in 2 instances");
			expect(out).toMatch(/^store +tiered, [\d.]+ MB/m);
			expect(out).toMatch(/^policy +1 min +15 min +ever +hits/m);
			expect(out).toMatch(/^valuation +\S/m);
			expect(out).toContain(String(server.process.pid));
			expect(await jsonOf("stats")).toMatchObject({ success: true, policies: { valuation: {} } });
		},
		TEST_WITHIN_MS,
	);

	test(
		"entries and entry show what is stored, page by page",
		async () => {
			const { out } = await run("entries", "--prefix", "valuation:");
			const [, key = ""] = /^(valuation:[\da-f]+) /m.exec(out) ?? [];
			expect(out).toMatch(/^key +policy +size +age +fresh for +kept for$/m);
			const one = await run("entry", key);
			expect(one.out).toMatch(/^state +fresh$/m);
			expect(one.out).toMatch(/^bytes +[\d.]+ k?B$/m);
			const page = await run("entries", "--limit", "1");
			expect(page.out).toContain("There is more: --cursor '");
			expect(await jsonOf("entry", key)).toMatchObject({ entry: { key, status: 200 } });
		},
		TEST_WITHIN_MS,
	);

	test(
		"explain tells what the cache would do",
		async () => {
			const { out } = await run("explain", "POST", "/api/property/valuation", JSON.stringify(FLAT));
			expect(out).toMatch(/^policy +valuation$/m);
			expect(out).toMatch(/^state +fresh$/m);
			expect(await jsonOf("explain", "get", "/api/areas/nonsense")).toMatchObject({
				reached: false,
				status: 404,
			});
		},
		TEST_WITHIN_MS,
	);

	test(
		"top prints so many frames where there is no terminal, with rates from the second on",
		async () => {
			const { out, exit } = await run("top", "--frames", "2", "--interval", "1");
			expect(exit).toBe(0);
			const frames = out.match(/^policy +hit ratio.*$/gm) ?? [];
			expect(frames).toHaveLength(2);
			const rows = out.match(/^areas .*$/gm) ?? [];
			expect(rows[0]).toMatch(/^areas +- +\S+( %)? +- +- +- +-/);
			expect(rows[1]).toMatch(/^areas +.* 0\.0 +0\.0 +0\.0 +0\.0 +0\.0/);
			expect(out).not.toContain("\u001B");
			const lines = (await run("top", "--frames", "2", "--interval", "1", "--json")).out.trim().split("\n");
			expect(lines.map((line) => JSON.parse(line).success)).toEqual([true, true]);
		},
		TEST_WITHIN_MS,
	);

	test(
		"top on a terminal gives it back as it was on Ctrl-C",
		async () => {
			let all = "";
			const decoder = new TextDecoder();
			const child = Bun.spawn([process.execPath, "--no-env-file", COMMAND, "top", "--interval", "1"], {
				env: { PATH: process.env["PATH"], RETYN_DATA_DIR: folder, ...asAdmin() },
				terminal: {
					cols: 120,
					rows: 30,
					data(_, bytes) {
						all += decoder.decode(bytes, { stream: true });
					},
				},
			});
			await eventually(() => all.split("hit ratio").length > 2, 10_000);
			child.terminal?.write("\u0003");
			expect(await child.exited).toBe(0);
			await eventually(() => all.includes("\u001B[?1049l"));
			child.terminal?.close();
			expect(all).toContain("\u001B[?1049h");
			expect(all.lastIndexOf("\u001B[?1049l")).toBeGreaterThan(all.lastIndexOf("hit ratio"));
			expect(all.lastIndexOf("\u001B[?25h")).toBeGreaterThan(all.lastIndexOf("\u001B[?25l"));
		},
		TEST_WITHIN_MS,
	);
});

describe("changing it", () => {
	test(
		"purge voids by tag, key, prefix, policy, or everything, and audit tells of each",
		async () => {
			const { areaIds } = ground.market;
			const [{ key }] = (await jsonOf("entries", "--prefix", "valuation:")).entries;
			const ways: [args: string[], said: string][] = [
				[["--tag", `area:${areaIds.businessBay}`, "--tag", "model"], `area:${areaIds.businessBay}, model`],
				[["--prefix", "valuation:"], "all under valuation:"],
				[["--policy", "valuation"], "all of valuation"],
				[["--everything"], "everything"],
			];
			for (const [args, said] of ways) {
				await eventually(valuationIsHit);
				const { out, err, exit } = await run("purge", ...args);
				expect([err, exit]).toEqual(["", 0]);
				expect(out).toContain(said);
				expect(await valuationIsHit()).toBe(false);
			}
			expect((await run("purge", "--key", key, "--key", "areas:none")).out).toMatch(
				/^\d of 2 entries were there/,
			);
			const audit = await run("audit", "--limit", "5");
			expect(audit.out).toMatch(/^ *id +at +by +action +what +outcome +affected$/m);
			expect(audit.out).toContain('{"everything":true}');
			expect(audit.out).toContain("tags 2");
		},
		TEST_WITHIN_MS,
	);

	test(
		"expire and warm say what they did",
		async () => {
			expect((await run("expire", "--tag", "model")).out).toStartWith("Expired what carries model");
			const warmed = await run("warm", "--valuations", "0");
			expect(warmed.out).toMatch(/^\d answers warmed, 0 failed, in \S+ m?s\.$/m);
		},
		TEST_WITHIN_MS,
	);
});

test(
	"what cannot be carried out as it is said is refused before any server is asked, with exit code 2",
	async () => {
		const RETYN_URL = `http://127.0.0.1:${await freePort()}`;
		const refused: [string[], string][] = [
			[["stats", "--nonsense"], "bun run cache stats"],
			[["top", "--frames", "0"], "--frames must be a whole number from 1"],
			[["purge"], "Say what to purge by one of"],
			[["purge", "--everything", "--tag", "model"], "Say what to purge by one of"],
			[["expire"], "Say what to expire"],
		];
		for (const [args, sentence] of refused) {
			const { err, exit } = await runWith({ ...asAdmin(), RETYN_URL }, ...args);
			expect(err).toContain(sentence);
			expect(exit).toBe(2);
		}
	},
	TEST_WITHIN_MS,
);

describe("the server and the token", () => {
	test(
		"are those of a running `bun run dev`, and a new token where that one has ended",
		async () => {
			const own = await mkdtemp(join(folder, "dev-"));
			const password = "correct horse battery staple";
			const passwordHash = await Bun.password.hash(password, {
				algorithm: "argon2id",
				memoryCost: 8,
				timeCost: 1,
			});
			const email = "developer@example.com";
			await insertUser(ground.database.db, { email, passwordHash, role: "admin" });
			const state = { jwtSecret: SECRET, user: { email, password }, serverUrl: server.url };
			for (const serverToken of [tokens.admin, "ended"]) {
				await writeFile(join(own, "dev.json"), JSON.stringify({ ...state, serverToken }));
				const { out, err, exit } = await runWith({ RETYN_DATA_DIR: own }, "stats", "--json");
				expect([err, exit]).toEqual(["", 0]);
				expect(JSON.parse(out).instances[0].pid).toBe(server.process.pid);
			}
			// Its token goes to no other server.
			const elsewhere = await runWith({ RETYN_DATA_DIR: own, RETYN_URL: server.url }, "stats");
			expect(elsewhere.exit).toBe(2);
			expect(elsewhere.err).toContain("There is no token for the server");
		},
		TEST_WITHIN_MS,
	);

	test(
		"inside the container are the one at PORT, and one issued for the administrator who is named",
		async () => {
			const inside = {
				PORT: new URL(server.url).port,
				DATABASE_URL: ground.database.url,
				JWT_SECRET: SECRET,
			};
			const { out, err, exit } = await runWith(inside, "audit", "--as", "Boss@Example.com");
			expect([err, exit]).toEqual(["", 0]);
			expect(out.length).toBeGreaterThan(0);
			for (const who of ["clerk@example.com", "nobody@example.com"]) {
				const refused = await runWith(inside, "stats", "--as", who);
				expect([refused.exit, refused.err]).toEqual([
					2,
					`${who} is no administrator: bun run user:add EMAIL --role admin makes one.\n`,
				]);
			}
			expect((await runWith(inside, "stats")).err).toContain("--as EMAIL of an administrator");
		},
		TEST_WITHIN_MS,
	);

	test(
		"that are not right are told in a sentence, with exit code 2",
		async () => {
			const user = await runWith({ ...asAdmin(), RETYN_TOKEN: tokens.user }, "stats");
			expect([user.exit, user.err]).toEqual([2, "Only administrators may do this.\n"]);
			const ended = await runWith({ ...asAdmin(), RETYN_TOKEN: "nonsense" }, "stats");
			expect(ended.exit).toBe(2);
			expect(ended.err).toContain("does not accept the token in RETYN_TOKEN");
			const address = await runWith({ ...asAdmin(), RETYN_URL: "ftp://x" }, "stats");
			expect(address.exit).toBe(2);
			expect(address.err).toContain("RETYN_URL must be the address of a server");
		},
		TEST_WITHIN_MS,
	);

	test(
		"a server that is not there is no fault of the command's user: exit code 1",
		async () => {
			const RETYN_URL = `http://127.0.0.1:${await freePort()}`;
			const { err, exit } = await runWith({ ...asAdmin(), RETYN_URL }, "stats");
			expect(exit).toBe(1);
			expect(err).toContain(`${RETYN_URL} does not answer`);
		},
		TEST_WITHIN_MS,
	);

	test(
		"a store that is away makes a purge one that is not done yet: exit code 1",
		async () => {
			await eventually(valuationIsHit);
			ground.redis.freeze();
			try {
				const { err, exit } = await run("purge", "--policy", "valuation");
				expect(exit).toBe(1);
				expect(err).toContain("1 purge is kept and made as soon as it does");
				expect((await run("stats")).out).toContain("does not answer");
			} finally {
				ground.redis.thaw();
			}
		},
		TEST_WITHIN_MS,
	);
});

test(
	"what the server refuses is told in its sentence, with exit code 2",
	async () => {
		const refused: [string[], string][] = [
			[["purge", "--prefix", "*"], "must be one that all entries of a policy begin with"],
			[["entry", "areas:\u001B[2Jnone"], "Nothing is stored under the key"],
			[["explain", "GET", "http://elsewhere.example/api/areas/buy"], "must be a path of this server"],
		];
		for (const [args, sentence] of refused) {
			const { err, exit } = await run(...args);
			expect(err).toContain(sentence);
			expect(err).not.toContain("    at ");
			expect(err).not.toContain("\u001B");
			expect(exit).toBe(2);
		}
	},
	TEST_WITHIN_MS,
);
