import { authConfig, signUp } from "../../bench/market/accounts.ts";
import { insertUser } from "../../db/queries/identity.ts";
import { bunPasswords } from "../../src/cli/bun-passwords.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import type { Ground } from "../system/ground.ts";

/** Somebody with an account of their own. */
export interface User {
	readonly via: "token" | "cookie";
	/** The header fields of each of their requests that show who they are. */
	readonly headers: Readonly<Record<string, string>>;
}

/** So many of a hundred are browsers that signed in by HTTP; the others are programs with a token. */
const BROWSERS_PERCENT = 5;
const AT_ONCE = 8;

/**
 * Makes that many accounts. Programs' tokens are handed out without a password, which would cost argon2 for each.
 *
 * @param origin where browsers sign in
 */
export async function signInUsers(ground: Ground, origin: string, count: number): Promise<User[]> {
	const browsers = Math.ceil((count * BROWSERS_PERCENT) / 100);
	const password = crypto.randomUUID();
	const passwordHash = await bunPasswords.hash(password);
	const config = authConfig(ground.jwtSecret, ground.postgres.url);
	const users: User[] = new Array(count);
	let next = 0;
	async function keepSigningIn(): Promise<void> {
		for (;;) {
			const index = next;
			next += 1;
			if (index >= count) return;
			users[index] =
				index < browsers
					? await browser(ground, origin, { password, passwordHash })
					: tokenUser(await signUp(ground.database.db, config));
		}
	}
	await Promise.all(Array.from({ length: AT_ONCE }, keepSigningIn));
	return users;
}

function tokenUser(token: string): User {
	return { via: "token", headers: { Authorization: `Bearer ${token}` } };
}

async function browser(
	{ database }: Ground,
	origin: string,
	{ password, passwordHash }: { password: string; passwordHash: string },
): Promise<User> {
	const email = `${crypto.randomUUID()}@example.com`;
	await insertUser(database.db, { email, passwordHash, role: "user" });
	const response = await fetch(`${origin}/api/auth/login`, {
		method: "POST",
		headers: { "Content-Type": "application/json", Origin: origin },
		body: JSON.stringify({ email, password }),
	});
	const [cookie] = response.headers.getSetCookie();
	const [pair] = cookie?.split(";") ?? [];
	if (!response.ok || !pair)
		throw new TerminalError(`A browser could not sign in: ${response.status} ${await response.text()}`);
	return { via: "cookie", headers: { Cookie: pair, Origin: origin, Host: new URL(origin).host } };
}
