/**
 * A response cache for Hono routes over a small store interface. This file and `redis.ts`, which needs a platform
 * with sockets, are all that the rest of the house may import.
 */
export type { BreakerMemory } from "./breaker.ts";
export type { Bus } from "./bus.ts";
export { type CachedOptions, cached } from "./cached.ts";
export { createCache } from "./engine.ts";
export type { CacheEvent, CacheListener } from "./events.ts";
export { failureCause, isSilence, PurgePending } from "./failure.ts";
export { guarded } from "./guard.ts";
export { type Explanation, explain } from "./http/explain.ts";
export type { Census, EntryDetail, EntryPage, EntrySummary, UnreadableEntry } from "./inspection.ts";
export { instrumented, type StoreObserver } from "./instrument.ts";
export type { Policy, PolicyOptions } from "./policy.ts";
export { createMemoryPopularity, type PopularityCounter, type PopularityOptions } from "./popularity.ts";
export type { Allowance } from "./redis-allowance.ts";
export type { CacheStore, Coordination, StoreHit, StoreUsage } from "./store.ts";
export { createCacheApiStore } from "./stores/cache-api.ts";
export { createMemoryStore } from "./stores/memory.ts";
export { createNoopStore } from "./stores/noop.ts";
export { createRedisStore } from "./stores/redis.ts";
export { createRedisHttpStore } from "./stores/redis-http.ts";
export { tiered } from "./tiers.ts";
export type { Cache, CacheDeps, Purge, Purged } from "./types.ts";
export { warm } from "./warm.ts";
export { CacheBusy } from "./wrap.ts";
