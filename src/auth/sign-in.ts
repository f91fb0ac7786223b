import type { Context } from "hono";
import type { Database } from "../../db/client.ts";
import {
	deleteExpiredSessions,
	findUserByEmail,
	insertSession,
	type NewSession,
	type UserRow,
} from "../../db/queries/identity.ts";
import type { AppEnv } from "../http/env.ts";
import { Problem } from "../http/problem.ts";
import type { MakeLimiter } from "../http/rate-limit.ts";
import type { Clock } from "../lib/clock.ts";
import type { AskDatabase } from "./ask-database.ts";
import { invalidCredentials } from "./challenge.ts";
import { throttleKey } from "./client-address.ts";

/** One address may stand for an office full of people, so it is given more attempts than one e-mail. */
const ADDRESS_FACTOR = 4;
/** Expired sessions that one sign-in clears away. */
const SWEEP = 50;

interface SignInDeps {
	db: Database;
	clock: Clock;
	ask: AskDatabase;
	passwordIsRight: (password: string, hash: string | undefined) => Promise<boolean>;
	clientAddress: (c: Context<AppEnv>) => string | undefined;
	attemptsPerMinute: number;
	makeLimiter: MakeLimiter;
	trustProxy: boolean;
}

export interface SignIn {
	/** The user whose e-mail and password these are. @throws {Problem} `invalid-credentials`, `too-many-requests` */
	check(c: Context<AppEnv>, credentials: { email: string; password: string }): Promise<UserRow>;
	/** Records a credential that is about to be handed out. */
	record(session: Omit<NewSession, "createdAt" | "expiresAt">, ttlS: number): Promise<RecordedSession>;
}

interface RecordedSession {
	id: string;
	expiresAt: Date;
}

export function createSignIn(deps: SignInDeps): SignIn {
	const { db, clock, ask, passwordIsRight, clientAddress, attemptsPerMinute, makeLimiter, trustProxy } = deps;
	const byEmail = makeLimiter("sign-in-email", { perMinute: attemptsPerMinute });
	const byAddress = makeLimiter("sign-in-address", { perMinute: attemptsPerMinute * ADDRESS_FACTOR });

	async function throttle(address: string | undefined, email: string): Promise<void> {
		const fromAddress = await byAddress.take(throttleKey(address));
		const limit = fromAddress.allowed ? await byEmail.take(email) : fromAddress;
		if (limit.allowed) return;
		throw new Problem("too-many-requests", {
			detail: `Too many attempts to sign in. Try again in ${limit.retryAfterS} s.`,
			headers: { "Retry-After": String(limit.retryAfterS) },
		});
	}

	return {
		async check(c, { email, password }) {
			const address = forwardedAddress(c) ?? clientAddress(c);
			await throttle(address, email);
			const user = await ask(() => findUserByEmail(db, { email }));
			const right = await passwordIsRight(password, user?.passwordHash);
			const accepted = right && !user?.disabledAt ? user : undefined;
			c.get("logger").info({ address, userId: user?.id }, accepted ? "Signed in" : "Sign-in refused");
			if (!accepted) throw invalidCredentials();
			return accepted;
		},

		async record(session, ttlS) {
			const now = clock();
			const expiresAt = new Date(now + ttlS * 1000);
			return ask(async () => {
				await deleteExpiredSessions(db, { before: new Date(now), limit: SWEEP });
				const { id } = await insertSession(db, { ...session, createdAt: new Date(now), expiresAt });
				return { id, expiresAt };
			});
		},
	};

	/** The last entry is the one that our own proxy wrote; those before it are whatever the client liked to send. */
	function forwardedAddress(c: Context<AppEnv>): string | undefined {
		if (!trustProxy) return undefined;
		return c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim() || undefined;
	}
}
