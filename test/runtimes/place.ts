import { createHash, randomBytes } from "node:crypto";
import { insertSession, insertUser, revokeSession } from "../../db/queries/identity.ts";
import { openRedisBackend } from "../../src/cache/redis.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import type { TestRedis } from "../cache/support/redis.ts";
import { createTestApp } from "../support/app.ts";
import type { TestDatabase } from "../support/database.ts";

/** Somewhere that the service answers, whatever runs it, over the small market and a Redis. */
export interface Place {
	/** `http://127.0.0.1:8000` */
	readonly origin: string;
	/** Whether passwords are checked there. */
	readonly signsIn: boolean;
	readonly database: TestDatabase;
	readonly redis: TestRedis;
}

export interface Visitor {
	/** As a user with a token, unless `init` has an Authorization header or a Cookie. */
	get(path: string, init?: RequestInit): Promise<Response>;
	post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
	/** A token that was handed out and then revoked, before anybody used it. */
	revokedToken(): Promise<string>;
	/** What a browser sends that is signed in. */
	cookie(): Promise<string>;
	/** What another instance would do that shares this place's Redis. */
	invalidate(how: "purge" | "expire"): Promise<void>;
}

export async function visit({ origin, database, redis }: Place): Promise<Visitor> {
	// The place has a clock of its own, so credentials must be good in its time.
	const { signUp, token } = await createTestApp({ database, clock: createTestClock(Date.now()) });

	async function get(path: string, init: RequestInit = {}): Promise<Response> {
		const headers = new Headers(init.headers);
		const isSomebody = headers.has("Authorization") || headers.has("Cookie");
		if (!isSomebody) headers.set("Authorization", `Bearer ${token}`);
		return fetch(origin + path, { ...init, headers });
	}

	return {
		get,
		async post(path, body, init = {}) {
			const headers = new Headers(init.headers);
			if (!headers.has("Content-Type")) headers.set("Content-Type", "application/json");
			return get(path, {
				...init,
				method: "POST",
				headers,
				body: typeof body === "string" ? body : JSON.stringify(body),
			});
		},
		async revokedToken() {
			const revoked = await signUp();
			const { jti } = JSON.parse(Buffer.from(revoked.split(".")[1] ?? "", "base64url").toString());
			await revokeSession(database.db, { id: jti, at: new Date() });
			return revoked;
		},
		async cookie() {
			const secret = randomBytes(32).toString("base64url");
			const email = `${crypto.randomUUID()}@example.com`;
			const user = await insertUser(database.db, { email, passwordHash: "unused", role: "user" });
			if (!user) throw new Error("the user was not made");
			await insertSession(database.db, {
				kind: "cookie",
				userId: user.id,
				secretHash: createHash("sha256").update(secret).digest("base64url"),
				createdAt: new Date(),
				expiresAt: new Date(Date.now() + 3600_000),
			});
			return `__Host-retyn_session=${secret}`;
		},
		async invalidate(how) {
			const { store, bus, close } = openRedisBackend({
				redis: { host: "127.0.0.1", port: redis.port, password: redis.password },
				memoryBytes: 0,
				clock: Date.now,
				deadlineMs: 2_000,
			});
			try {
				await eventually(() => bus.connected);
				await store.coordination?.invalidate(["*"], how);
			} finally {
				await close();
			}
		},
	};
}
