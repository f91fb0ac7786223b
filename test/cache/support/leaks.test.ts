import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const LEAKS = fileURLToPath(new URL("./leaks.ts", import.meta.url));

/** Test files whose every test passes by itself. */
const FILES = {
	clean: `
		import net from "node:net";
		test("closes all it opened", async () => {
			setTimeout(() => {}, 60_000).unref();
			clearTimeout(setTimeout(() => {}, 60_000));
			clearInterval(setInterval(() => {}, 60_000));
			setTimeout(() => {}, 50);
			const server = net.createServer().listen(0, "127.0.0.1");
			await new Promise((resolve) => server.once("listening", resolve));
			const socket = net.connect(server.address().port, "127.0.0.1");
			await new Promise((resolve) => socket.once("connect", resolve));
			socket.destroy();
			server.close();
			await Bun.serve({ port: 0, fetch: () => new Response() }).stop(true);
			const listener = () => {};
			process.on("SIGHUP", listener).off("SIGHUP", listener);
		});`,
	leaky: `
		import http from "node:http";
		import net from "node:net";
		test("closes nothing", async () => {
			setTimeout(() => {}, 60_000);
			setInterval(() => {}, 60_000);
			const server = net.createServer().listen(0, "127.0.0.1");
			await new Promise((resolve) => server.once("listening", resolve));
			net.connect(server.address().port, "127.0.0.1").on("error", () => {});
			http.createServer().listen(0, "127.0.0.1");
			Bun.serve({ port: 0, fetch: () => new Response() });
			process.on("SIGHUP", () => {});
		});`,
	rejecting: `test("lets a promise go", () => { void Promise.reject(new Error("let go")); });`,
	late: `test("lets a promise go that fails later", () => {
		new Promise((resolve) => setTimeout(resolve, 5)).then(() => { throw new Error("let go later"); });
	});`,
	throwing: `test("throws out of turn", () => { setTimeout(() => { throw new Error("out of turn"); }, 1); });`,
};

describe("the watch over what tests leave behind", () => {
	let folder: string;
	const runs = new Map<string, { status: number | null; output: string }>();

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "cache-leaks-"));
		await Promise.all(
			Object.entries(FILES).map(async ([name, text]) => {
				const file = `${name}.test.js`;
				await writeFile(join(folder, file), `import { test } from "bun:test";\n${text}\n`);
				const child = spawn(process.execPath, ["test", "--preload", LEAKS, `./${file}`], { cwd: folder });
				let output = "";
				for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
				const [status] = await once(child, "close");
				runs.set(name, { status, output });
			}),
		);
	});
	afterAll(() => rm(folder, { recursive: true, force: true }));

	test("is silent about a file that closes what it opens", () => {
		expect(runs.get("clean")).toMatchObject({ status: 0, output: expect.stringContaining("(pass)") });
	});

	test.each([
		["a timer (setTimeout, 60000 ms)", 1],
		["a timer (setInterval, 60000 ms)", 1],
		["a socket", 1],
		["a listening server", 2],
		["a listening server (Bun.serve)", 1],
		[`a listener of process on "SIGHUP"`, 1],
	])("fails a file that leaves %s, and says where it was opened", (leak, times) => {
		const { status, output = "" } = runs.get("leaky") ?? {};
		expect(status).toBe(1);
		const lines = output.split("\n").filter((line) => line.startsWith(`- ${leak}, opened`));
		expect(lines).toHaveLength(times);
		for (const line of lines) expect(line).toContain("leaky.test.js:");
	});

	test.each([
		["an unhandled rejection", "rejecting", "let go"],
		["an unhandled rejection after the last test", "late", "let go later"],
		["an exception that nobody catches", "throwing", "out of turn"],
	])("has the runner fail on %s", (_what, file, message) => {
		const { status, output } = runs.get(file) ?? {};
		expect(status).toBe(1);
		expect(output).toContain(`error: ${message}\n`);
	});
});
