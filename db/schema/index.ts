export * from "./audit.ts";
export * from "./changes.ts";
export * from "./identity.ts";
export * from "./imports.ts";
export * from "./market.ts";
export * from "./models.ts";
