import type { Context } from "hono";
import type { CachedOptions } from "../cache/index.ts";
import type { AppEnv } from "./env.ts";
import { Problem } from "./problem.ts";

type Unavailable = Parameters<NonNullable<CachedOptions<AppEnv>["unavailable"]>>[1];

/** Where the cache has nothing to give and nobody may work it out. @throws {Problem} always */
export function refuseUnavailable(_: Context<AppEnv>, { why, retryAfterS = 1 }: Unavailable): never {
	const headers = { "Retry-After": String(retryAfterS) };
	switch (why) {
		case "busy":
			throw new Problem("unavailable", {
				detail:
					"The answer could not be worked out a moment ago, and there is none of before to give instead. " +
					`Try again in ${retryAfterS} s.`,
				headers,
			});
		case "timed-out":
			throw new Problem("timed-out", {
				detail: "Working out the answer took too long. Try again shortly.",
				headers,
			});
		case "only-if-cached":
			throw new Problem("not-stored", {
				detail:
					"No answer is stored, and the request wants no other: leave out `Cache-Control: only-if-cached`.",
			});
	}
}
