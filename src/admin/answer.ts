import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { AppEnv } from "../http/env.ts";
import { Problem } from "../http/problem.ts";

/** What administrators are told is of this moment: no cache may keep it. */
export function answer(c: Context<AppEnv>, body: object, status: ContentfulStatusCode = 200): Response {
	return c.json({ success: true, ...c.get("label")(), ...body }, status, { "Cache-Control": "no-store" });
}

/** What the store says. @throws {Problem} 503 where it does not answer */
export async function fromStore<T>(asked: Promise<T>): Promise<T> {
	try {
		return await asked;
	} catch (error) {
		throw new Problem(
			"unavailable",
			{
				detail: "The store of the cache does not answer right now. Try again shortly.",
				headers: { "Retry-After": "5" },
			},
			{ cause: error },
		);
	}
}
