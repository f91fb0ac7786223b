export { freePort } from "../../src/cli/dev/ports.ts";
