import { changeUser, findUserByEmail, insertUser, type Role } from "../../../db/queries/identity.ts";
import { bunPasswords } from "../bun-passwords.ts";
import { withDatabase } from "./market.ts";
import type { DevState } from "./state.ts";

/**
 * Makes sure that the user whose password is kept for this machine exists and has that password.
 *
 * @param atLeast the role of a new user; one that is there already is raised to it, never lowered
 */
export function ensureDeveloper(
	url: string,
	{ email, password }: DevState["user"],
	atLeast: Role,
): Promise<void> {
	return withDatabase(url, async ({ db }) => {
		const known = await findUserByEmail(db, { email });
		const isFit = known && !known.disabledAt && (known.role === "admin" || atLeast === "user");
		if (isFit && (await bunPasswords.verify(password, known.passwordHash))) return;
		const passwordHash = await bunPasswords.hash(password);
		const raised = atLeast === "admin" ? { role: atLeast } : {};
		const set = { passwordHash, disabledAt: null, ...raised };
		if (known) await changeUser(db, { email, at: new Date(), set });
		else await insertUser(db, { email, passwordHash, role: atLeast });
	});
}
