import { build } from "esbuild";

/** The worker as one module, bundled for workerd. */
export async function bundleWorker(minify = false): Promise<string> {
	const { outputFiles } = await build({
		entryPoints: ["src/worker.ts"],
		bundle: true,
		write: false,
		minify,
		format: "esm",
		target: "es2024",
		conditions: ["workerd", "worker", "browser"],
		mainFields: ["browser", "module", "main"],
		external: ["node:*", "cloudflare:*"],
		alias: { events: "node:events", stream: "node:stream", buffer: "node:buffer" },
		logLevel: "error",
	});
	return outputFiles[0]?.text ?? "";
}
