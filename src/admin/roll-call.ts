import { randomUUID } from "node:crypto";
import type { Bus } from "../cache/index.ts";
import { createPause } from "../lib/pause.ts";
import { cutUp, type Gathered, gather } from "./parts.ts";

/** What one instance says of itself: plain JSON, of another version of this program perhaps. */
export interface Answer {
	readonly instance: string;
	readonly answer: unknown;
}

/** Asks every instance the same. */
export interface RollCall {
	/** Of those that answered in time, this one first. Never rejects: whoever cannot be reached is not in it. */
	ask(): Promise<Answer[]>;
}

export interface RollCallDeps {
	/** Reaches the other instances, where there are any. */
	bus?: Pick<Bus, "publish" | "on"> | undefined;
	/** Which one this is: letters, digits and -, 64 at the most. */
	instance: string;
	/** Of all instances the same: letters, digits and -, 24 at the most. */
	topic: string;
	/** What this one says. Plain JSON. */
	answer(): unknown;
	/** Milliseconds that the others have. @default 250 */
	waitMs?: number;
}

const ID = /^[\da-f-]{36}$/;

/**
 * Nobody knows how many instances there are, so all are given the same time. Each request has a topic of its own for
 * what is answered, which nobody listens to once the time is over.
 */
export function createRollCall(deps: RollCallDeps): RollCall {
	const { bus, instance, topic, answer, waitMs = 250 } = deps;
	const replies = (id: string) => `${topic}-${id}`;
	let underWay: Promise<Answer[]> | undefined;
	bus?.on(topic, (ids) => {
		const [id = ""] = ids;
		if (ID.test(id)) void tell(id);
	});

	async function tell(id: string): Promise<void> {
		try {
			await bus?.publish(replies(id), cutUp(instance, JSON.stringify(answer())));
		} catch {
			// Whoever asked does without us.
		}
	}

	async function askAll(): Promise<Answer[]> {
		const own = { instance, answer: answer() };
		return bus ? [own, ...(await askOthers(bus))] : [own];
	}

	async function askOthers(others: NonNullable<RollCallDeps["bus"]>): Promise<Answer[]> {
		const id = randomUUID();
		const gathered = gather();
		const stop = others.on(replies(id), gathered.hear);
		try {
			await others.publish(topic, [id]);
			await createPause().wait(waitMs);
		} catch {
			// Nobody was asked.
		} finally {
			stop();
		}
		return answersIn(gathered).filter((other) => other.instance !== instance);
	}

	return {
		ask() {
			underWay ??= askAll().finally(() => {
				underWay = undefined;
			});
			return underWay;
		},
	};
}

/** Without those that are no JSON. */
function answersIn({ texts }: Gathered): Answer[] {
	return texts().flatMap(([instance, text]) => {
		try {
			return { instance, answer: JSON.parse(text) };
		} catch {
			return [];
		}
	});
}
