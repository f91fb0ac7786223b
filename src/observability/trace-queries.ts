import type { QueryObserver } from "../../db/client.ts";
import type { Tracer } from "../lib/tracer.ts";

/** For `openDatabase`: a span for each query, which says neither what was asked nor with what. */
export function traceQueries(tracer: Tracer): QueryObserver {
	return {
		started(operation) {
			const attributes = { "db.system.name": "postgresql", "db.operation.name": operation };
			const { span, end } = tracer.begin(`query ${operation}`, { kind: "client", attributes });
			return (failure) => {
				if (failure !== undefined) {
					span.set("error.type", failure);
					span.fail();
				}
				end();
			};
		},
	};
}

/** Several observers as one. */
export function observedByAll(...observers: (QueryObserver | undefined)[]): QueryObserver | undefined {
	const present = observers.filter((observer) => observer !== undefined);
	if (present.length <= 1) return present[0];
	return {
		started(operation) {
			const ends = present.map((observer) => observer.started(operation));
			return (failure) => {
				for (const end of ends) end(failure);
			};
		},
	};
}
