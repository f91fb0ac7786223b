import { Problem } from "../http/problem.ts";

/** Hashes passwords with argon2id. What does it is the platform's business, so it is handed in. */
export interface PasswordHasher {
	/** The hash in PHC form: parameters and salt are part of it. */
	hash(password: string): Promise<string>;
	verify(password: string, hash: string): Promise<boolean>;
}

/**
 * Lets only so many computations run at once, since each takes tens of milliseconds of a core and 19 MiB. A few more
 * wait; whoever comes when the queue is full is refused.
 *
 * @throws {Problem} `unavailable` when the queue is full
 */
export function limitHashing(
	hasher: PasswordHasher,
	{ atOnce = 2, waiting = 32 }: { atOnce?: number; waiting?: number } = {},
): PasswordHasher {
	let running = 0;
	const queue: (() => void)[] = [];

	async function inTurn<T>(work: () => Promise<T>): Promise<T> {
		if (running < atOnce) running++;
		else if (queue.length < waiting) await new Promise<void>((resolve) => queue.push(resolve));
		else {
			throw new Problem("unavailable", {
				detail: "Too many people are signing in at this moment. Try again in a few seconds.",
				headers: { "Retry-After": "2" },
			});
		}
		try {
			return await work();
		} finally {
			// The place goes to the next one in the queue, or becomes free.
			const next = queue.shift();
			if (next) next();
			else running--;
		}
	}

	return {
		hash: (password) => inTurn(() => hasher.hash(password)),
		verify: (password, hash) => inTurn(() => hasher.verify(password, hash)),
	};
}

/**
 * Checks a password against a user's hash, or, where there is no such user, against the hash of a password that
 * nobody knows: the time that the answer takes must not tell which e-mail addresses have an account.
 */
export function createPasswordCheck(hasher: PasswordHasher, randomText: () => string) {
	let decoy: Promise<string> | undefined;

	return async function passwordIsRight(password: string, hash: string | undefined): Promise<boolean> {
		decoy ??= hasher.hash(randomText()).catch((error) => {
			decoy = undefined;
			throw error;
		});
		// Awaited on both ways, or the first unknown address would be the slower one.
		const nobodys = await decoy;
		const matches = await hasher.verify(password, hash ?? nobodys);
		return matches && hash !== undefined;
	};
}
