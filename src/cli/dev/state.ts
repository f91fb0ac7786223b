import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TerminalError } from "../terminal.ts";

export const secret = () => randomBytes(24).toString("base64url");

const schema = z.object({
	/** Of the embedded PostgreSQL; kept before there is one, so that data without it are a sign of a lost file. */
	databasePassword: z.string().min(1).optional(),
	databasePort: z.number().int().optional(),
	/** The running database's address, for the other commands. */
	databaseUrl: z.string().optional(),
	/** The running server's address, and a token of its developer. */
	serverUrl: z.string().optional(),
	serverToken: z.string().optional(),
	jwtSecret: z.string().min(32),
	user: z.object({ email: z.string(), password: z.string() }),
});

/** What one start of `bun run dev` hands to the next, secrets made up for this machine among it. */
export type DevState = z.output<typeof schema>;

const fileIn = (folder: string) => join(folder, "dev.json");

/** @throws {TerminalError} for a file that is there but damaged: the database behind it cannot be opened without it */
export async function readState(folder: string): Promise<DevState | undefined> {
	const text = await readFile(fileIn(folder), "utf8").catch(() => undefined);
	if (text === undefined) return undefined;
	try {
		return schema.parse(JSON.parse(text));
	} catch {
		throw new TerminalError(`${fileIn(folder)} is damaged: remove ${folder} to start anew.`);
	}
}

/** Replaces the file in one step, so that nobody reads half of it; only its owner may read it at all. */
export async function writeState(folder: string, state: DevState): Promise<void> {
	const draft = `${fileIn(folder)}.${process.pid}`;
	await writeFile(draft, `${JSON.stringify(state, null, "\t")}\n`, { mode: 0o600 });
	await rename(draft, fileIn(folder));
}

export function newState(): DevState {
	return {
		jwtSecret: secret() + secret(),
		user: { email: "developer@retyn.example", password: secret() },
	};
}
