import { afterAll, expect, test } from "bun:test";
import { freePort } from "../cache/support/ports.ts";
import { projectPath } from "./files.ts";

let status = 200;
const asked: string[] = [];
const server = Bun.serve({
	port: 0,
	hostname: "127.0.0.1",
	fetch(request) {
		asked.push(new URL(request.url).pathname);
		return new Response(null, { status });
	},
});

afterAll(() => server.stop(true));

/** The exit code of the health check for a server on that port. */
function check(port: number | undefined): Promise<number> {
	const command = [process.execPath, projectPath("deploy/health-check.ts")];
	return Bun.spawn(command, { env: { PORT: String(port) }, stdio: ["ignore", "inherit", "inherit"] }).exited;
}

test("a server that answers /livez is healthy", async () => {
	status = 200;
	expect(await check(server.port)).toBe(0);
	expect(asked).toContain("/livez");
});

test("a server that answers with an error is not healthy", async () => {
	status = 503;
	expect(await check(server.port)).toBe(1);
});

test("a port where nothing listens is not healthy", async () => {
	expect(await check(await freePort())).toBe(1);
});
