export { ImportError } from "./errors.ts";
export { importFile, importRecords } from "./run.ts";
export type { Counts, ImportSummary } from "./summary.ts";
