import type { Cache } from "../cache/index.ts";
import type { Tracer } from "../lib/tracer.ts";

/** The same cache, a span around each question to it. What has to be worked out for the answer is within that span. */
export function traceCache(cache: Cache, tracer: Tracer): Cache {
	const optionsOf = ({ prefix }: { prefix: string }) => ({ attributes: { "cache.prefix": prefix } });
	return {
		...cache,
		serve(ask) {
			return tracer.span(`cache ${ask.policy.name}`, optionsOf(ask.policy), (span) => {
				const told = (served: Awaited<ReturnType<typeof cache.serve>>) => {
					span.set("cache.outcome", served.from === "entry" ? served.outcome : served.from);
					if ("collapsed" in served) span.set("cache.collapsed", served.collapsed);
				};
				const serving = cache.serve(ask);
				if (!(serving instanceof Promise)) {
					told(serving);
					return serving;
				}
				return serving.then((served) => {
					told(served);
					return served;
				});
			});
		},
		wrap(policy, input, work, options) {
			return tracer.span(`cache ${policy.name}`, optionsOf(policy), async (span) => {
				let outcome = "hit";
				const worked: typeof work = (signal) => {
					outcome = "miss";
					return work(signal);
				};
				const result = await cache.wrap(policy, input, worked, options);
				span.set("cache.outcome", outcome);
				return result;
			});
		},
	};
}
