import { freePort } from "../../src/cli/dev/ports.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { type RunningServer, startProcess } from "../measure/server.ts";
import { type ProductSettings, productSettings } from "./settings.ts";

/** Starts the product's own server as in production, except that callers may ask as much as they like. */
export async function startApi(
	scope: Scope,
	name: string,
	options: Omit<ProductSettings, "port">,
): Promise<RunningServer> {
	const port = await freePort();
	const server = await startProcess(scope, name, process.execPath, ["--no-env-file", "src/server.ts"], {
		port,
		env: { ...productSettings({ ...options, port }), LOG_LEVEL: "warn" },
	});
	const { ok, status } = await fetch(`http://127.0.0.1:${port}/livez`);
	if (!ok) throw new Error(`The server "${name}" answers /livez with ${status}`);
	return server;
}
