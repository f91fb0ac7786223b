import { tags } from "../policies.ts";
import type { ModelKeeper } from "../valuation/model-keeper.ts";
import { type Follower, follow } from "./follow.ts";
import type { FollowDeps } from "./market.ts";
import { createForgetter } from "./outdated.ts";
import { storeMark } from "./store-mark.ts";

/** Hears of another model that was put to use, and forgets what was worked out by the one before. */
export function followModel(deps: FollowDeps & { models: ModelKeeper; onChanged?(): void }): Follower {
	const { models, store, logger } = deps;
	const forgetter = createForgetter(deps);
	const answersAreOf = storeMark(store, "model-in-use");
	let seen: string | undefined;

	return follow({
		...deps,
		channel: "retyn_model",
		what: "The valuation's model",
		async catchUp() {
			await models.refresh();
			const version = models.known?.current?.version ?? "none";
			const before = seen ?? (await answersAreOf.read());
			if (version === before) {
				seen = version;
				return;
			}
			const isForgotten = await forgetter.forget({ everything: false, tags: [tags.model] });
			if (seen !== undefined) logger.info({ version }, "Another model values");
			// Until the store has taken it, the next look finds the same difference.
			if (!isForgotten) return;
			await answersAreOf.write(version);
			if (seen !== undefined) deps.onChanged?.();
			seen = version;
		},
	});
}
