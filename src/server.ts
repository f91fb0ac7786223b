/** The server on Bun. */
import { bunPlatform } from "./server/bun.ts";
import { runServer } from "./server/run.ts";

await runServer(bunPlatform);
