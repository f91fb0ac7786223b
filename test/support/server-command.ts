/**
 * What starts the service in tests: its sources on Bun or, with SERVER_RUNTIME=node, what `npm run build:node` made of
 * them on Node.
 */
export const SERVER_COMMAND: string[] =
	Bun.env["SERVER_RUNTIME"] === "node"
		? ["node", "dist-node/server.js"]
		: [process.execPath, "--no-env-file", "src/server.ts"];
