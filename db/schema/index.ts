export * from "./identity.ts";
export * from "./imports.ts";
export * from "./market.ts";
export * from "./models.ts";
