/** What may be out of order: Redis, the bus link of one instance, or the origin. */
export type Part = "redis" | "origin" | `link ${number}`;

interface Span {
	readonly part: Part;
	readonly from: number;
	to: number;
}

/** When which part was out of order. Instants in milliseconds of one clock. */
export class Timeline {
	readonly #spans: Span[] = [];

	began(part: Part, at: number): void {
		this.#spans.push({ part, from: at, to: Number.POSITIVE_INFINITY });
	}

	ended(part: Part, at: number): void {
		const open = this.#spans.findLast((span) => span.part === part && span.to === Number.POSITIVE_INFINITY);
		if (open) open.to = at;
	}

	/** Whether all of these parts were in order the whole time, and had been for `recoveryMs` before it. */
	calm(parts: readonly Part[], from: number, to: number, recoveryMs: number): boolean {
		return !this.#spans.some(
			(span) => parts.includes(span.part) && span.from <= to && span.to + recoveryMs >= from,
		);
	}

	/** The end of the first stretch of `ms` after `from` in which all of these parts were in order. */
	settledAt(parts: readonly Part[], from: number, ms: number): number {
		let begin = from;
		for (const span of this.#spans) {
			if (!parts.includes(span.part) || span.to < begin) continue;
			if (span.from >= begin + ms) break;
			begin = span.to;
		}
		return begin + ms;
	}

	/** In words, what was out of order at an instant. */
	phaseAt(at: number): string {
		const parts = this.#spans.filter((span) => span.from <= at && at <= span.to).map(({ part }) => part);
		return parts.length === 0 ? "calm" : [...new Set(parts)].sort().join(" + ");
	}
}
