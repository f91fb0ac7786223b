import type { Random } from "../../src/lib/random.ts";

/** The same items in an order by chance, each as likely as any other (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Pick<Random, "integer">): T[] {
	const order = [...items];
	for (let i = order.length - 1; i > 0; i -= 1) {
		const j = random.integer(0, i);
		[order[i], order[j]] = [order[j] as T, order[i] as T];
	}
	return order;
}
