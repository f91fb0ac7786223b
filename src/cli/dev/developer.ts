import { changeUser, findUserByEmail, insertUser } from "../../../db/queries/identity.ts";
import { bunPasswords } from "../bun-passwords.ts";
import { withDatabase } from "./market.ts";
import type { DevState } from "./state.ts";

/** Makes sure that the user whose password is kept for this machine exists and has that password. */
export function ensureDeveloper(url: string, { email, password }: DevState["user"]): Promise<void> {
	return withDatabase(url, async ({ db }) => {
		const known = await findUserByEmail(db, { email });
		if (known && !known.disabledAt && (await bunPasswords.verify(password, known.passwordHash))) return;
		const passwordHash = await bunPasswords.hash(password);
		if (known) await changeUser(db, { email, at: new Date(), set: { passwordHash, disabledAt: null } });
		else await insertUser(db, { email, passwordHash, role: "user" });
	});
}
