import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadedBytes, loadedFiles } from "../../scripts/image/sizes.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { startCollector } from "../observability/collector.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { createImageFolder, type ImageFolder } from "./image-folder.ts";

let image: ImageFolder | undefined;
let database: TestDatabase | undefined;
let env: Record<string, string> = {};

beforeAll(async () => {
	image = createImageFolder();
	database = await createTestDatabase();
	env = {
		NODE_ENV: "production",
		HOST: "127.0.0.1",
		PORT: String(await freePort()),
		DATABASE_URL: database.url,
		JWT_SECRET: "f3b1c0de9a7e5d2846bb10c39d5fe07a",
	};
});

afterAll(async () => {
	await database?.drop();
	image?.remove();
});

function run(...command: string[]) {
	return runWith({}, ...command);
}

function runWith(variables: Record<string, string>, ...command: string[]) {
	return Bun.spawn([process.execPath, ...command], {
		cwd: image?.path ?? "",
		env: { ...env, ...variables },
		stdio: ["ignore", "pipe", "inherit"],
	});
}

test("what the image holds is enough to bring the schema up to date", async () => {
	expect(await run("cli/migrate.js").exited).toBe(0);
});

test("what the image holds is enough to serve, to pass the health check and to stop on SIGTERM", async () => {
	const server = run("server.js");
	await eventually(async () => (await run("health-check.ts").exited) === 0);
	server.kill("SIGTERM");
	expect(await server.exited).toBe(0);
	expect(await new Response(server.stdout).text()).toContain('"environment":"production"');
});

test("what the image holds is enough to send traces, and a server that sends none does not read what that takes", async () => {
	const collector = startCollector();
	const server = runWith({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, "server.js");
	await eventually(async () => (await run("health-check.ts").exited) === 0, 15_000);
	server.kill("SIGTERM");
	expect(await server.exited).toBe(0);
	expect(collector.spans.map(({ name }) => name)).toContain("GET /livez");
	await collector.stop();
	const entry = `${image?.path}/server.js`;
	expect(await Bun.file(entry).text()).toContain("open-telemetry");
	for (const file of loadedFiles(entry)) {
		expect(await Bun.file(file).text()).not.toContain("BatchSpanProcessor");
	}
}, 40_000);

test("a server reads less than 1 MB of program as it starts", () => {
	expect(loadedBytes(`${image?.path}/server.js`)).toBeLessThan(1_000_000);
});

test("the commands for operators are in the image", async () => {
	for (const name of ["cache", "import", "model", "user"]) {
		expect(await Bun.file(`${image?.path}/cli/${name}.js`).exists()).toBe(true);
	}
});
