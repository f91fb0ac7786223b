import type { ServerSettings } from "../measure/server.ts";

/** What this server was told to be. */
export const settings = JSON.parse(process.argv[2] ?? "") as ServerSettings;

/** Listens on a free port of the loopback interface and says which. */
export function serve(fetch: (request: Request) => Response | Promise<Response>): void {
	const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch, idleTimeout: 120 });
	process.stdout.write(`${server.port}\n`);
}
