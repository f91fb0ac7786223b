/** The server on Node 20.12 and later. Node reads no TypeScript of ours: `npm run build:node` makes `dist-node/server.js` of it. */
import "./server/node-gaps.ts";
import { nodePlatform } from "./server/node.ts";
import { runServer } from "./server/run.ts";

await runServer(nodePlatform);
