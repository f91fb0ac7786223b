import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type Database, openDatabase } from "../../db/client.ts";
import { changeUser, insertUser } from "../../db/queries/identity.ts";
import { emailAddress, newPassword, publishRevokedUser } from "../auth/index.ts";
import { readRedisConfig } from "../config.ts";
import { redisAddress } from "../server/redis-address.ts";
import { bunPasswords } from "./bun-passwords.ts";
import { databaseUrl } from "./dev/database-url.ts";
import { readPassword } from "./read-password.ts";
import { withRedis } from "./redis.ts";
import { runCommand, TerminalError } from "./terminal.ts";

const USAGE = `Adds people who may sign in, and takes their sessions away again.

  bun run user:add EMAIL [--role user|admin] [--generate] [--update]
      Asks for a password of 12 characters or more, or reads it from a pipe.
      --generate  makes up a password and prints it once
      --update    for an e-mail that is there: sets the password (and the role, where --role is given), lets a
                  disabled user in again, and ends all sessions
  bun run user:revoke EMAIL [--disable]
      Ends all sessions and voids all tokens; running servers follow within 30 s, at once with REDIS_ENABLED=true.
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
		await tellServers(changed.userId);
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
	const when = (await tellServers(changed.userId)) ? "were told" : "follow within 30 s";
	const standing = disable ? " The user is disabled." : "";
	return `${counted(changed.revoked)} of ${email} ended; running servers ${when}.${standing}`;
}

/** Whether they could be: without Redis, or without an answer from it, they find out when they look next. */
async function tellServers(userId: string): Promise<boolean> {
	const redis = readRedisConfig(process.env);
	if (!redis.enabled) return false;
	try {
		await withRedis(redis, ({ bus }) => publishRevokedUser(bus, userId));
		return true;
	} catch {
		return false;
	}
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
	// What is wrong with it is said before anything is changed.
	const redis = readRedisConfig(process.env);
	if (redis.enabled) redisAddress(redis);
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
