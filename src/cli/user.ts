import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type Database, openDatabase } from "../../db/client.ts";
import { changeUser, insertUser } from "../../db/queries/identity.ts";
import { emailAddress, newPassword } from "../auth/index.ts";
import { bunPasswords } from "./bun-passwords.ts";
import { databaseUrl } from "./dev/database-url.ts";
import { readPassword } from "./read-password.ts";
import { runCommand, TerminalError } from "./terminal.ts";

const USAGE = `Adds people who may sign in, and takes their sessions away again.

  bun run user:add EMAIL [--role user|admin] [--generate] [--update]
      Asks for a password of 12 characters or more, or reads it from a pipe.
      --generate  makes up a password and prints it once
      --update    for an e-mail that is there: sets the password (and the role, where --role is given), lets a
                  disabled user in again, and ends all sessions
  bun run user:revoke EMAIL [--disable]
      Ends all sessions and voids all tokens; running servers follow within 30 s.
      --disable   refuses new ones as well

The database is DATABASE_URL, or that of a running \`bun run dev\`.`;

function readCommand(args: string[]) {
	const { positionals, values } = parseArgs({
		args,
		allowPositionals: true,
		options: {
			role: { type: "string" },
			generate: { type: "boolean", default: false },
			update: { type: "boolean", default: false },
			disable: { type: "boolean", default: false },
		},
	});
	const [command, address, ...rest] = positionals;
	if ((command !== "add" && command !== "revoke") || !address || rest.length > 0)
		throw new TerminalError(USAGE);
	const email = parse(emailAddress, address, address);
	const role = parse(z.enum(["user", "admin"], "has to be user or admin").optional(), values.role, "--role");
	const { generate, update, disable } = values;
	const misplaced = command === "add" ? disable : generate || update || role !== undefined;
	if (misplaced) throw new TerminalError(USAGE);
	return { command, email, role, generate, update, disable } as const;
}

type Command = ReturnType<typeof readCommand>;

async function add(db: Database, { email, role, generate, update }: Command): Promise<string> {
	const password = generate ? randomBytes(18).toString("base64url") : await readPassword();
	const passwordHash = await bunPasswords.hash(parse(newPassword, password, "The password"));
	const shown = generate ? `\nPassword, shown this once: ${password}` : "";
	if (update) {
		const set = { passwordHash, disabledAt: null, ...(role && { role }) };
		const changed = await changeUser(db, { email, at: new Date(), set });
		if (!changed) throw new TerminalError(`There is no user ${email}. Leave --update out to add one.`);
		return `Updated ${email}; ${counted(changed.revoked)} ended.${shown}`;
	}
	const added = await insertUser(db, { email, passwordHash, role: role ?? "user" });
	if (!added) {
		throw new TerminalError(
			`${email} is there already, nothing was changed. With --update it gets this password.`,
		);
	}
	return `Added ${email} with the role ${added.role}.${shown}`;
}

async function revoke(db: Database, { email, disable }: Command): Promise<string> {
	const at = new Date();
	const changed = await changeUser(db, { email, at, ...(disable && { set: { disabledAt: at } }) });
	if (!changed) throw new TerminalError(`There is no user ${email}.`);
	const standing = disable ? " The user is disabled." : "";
	return `${counted(changed.revoked)} of ${email} ended; running servers follow within 30 s.${standing}`;
}

function counted(sessions: number): string {
	return sessions === 1 ? "1 session" : `${sessions} sessions`;
}

function parse<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
	const result = schema.safeParse(value);
	if (result.success) return result.data;
	throw new TerminalError(`${what} ${result.error.issues[0]?.message}`);
}

async function main(): Promise<void> {
	const command = readCommand(process.argv.slice(2));
	const database = openDatabase({
		url: await databaseUrl(process.env),
		max: 1,
		applicationName: "retyn-avm-user",
	});
	try {
		console.log(await (command.command === "add" ? add : revoke)(database.db, command));
	} finally {
		await database.close();
	}
}

await runCommand(main, USAGE);
