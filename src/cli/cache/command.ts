import { parseArgs } from "node:util";
import { TerminalError } from "../terminal.ts";

export const USAGE = `Looks into the response cache of running servers, and changes it.

  bun run cache stats           What happened, over all instances, and what the store holds
  bun run cache top             The same as a live view. --interval S (2), --frames N ends after so many
  bun run cache entries         What is stored. --prefix TEXT, --limit N (100), --cursor TEXT of the page before
  bun run cache entry KEY       All of one entry but its body
  bun run cache explain METHOD PATH [BODY]   What the cache would do with a request, and why
  bun run cache purge           Voids entries: one of --tag T (may be repeated), --key K (may be repeated),
                                --prefix P, --policy NAME, --everything
  bun run cache expire --tag T  Stale from now on: still given where the policy allows it, while made anew
  bun run cache warm            Has answers made before anybody asks. --valuations N of those asked for most
  bun run cache audit           Who changed what. --limit N (100), --before ID

  --json       for programs
  --as EMAIL   as this administrator, where DATABASE_URL and JWT_SECRET are those of the server

The server is RETYN_URL, or that of a running \`bun run dev\`, or the one on this machine at PORT (8000); the token is
RETYN_TOKEN, or that of \`bun run dev\`. Exit code 2 is for what you can put right, 1 for what failed underneath.`;

const OPTIONS = {
	as: { type: "string" },
	before: { type: "string" },
	cursor: { type: "string" },
	everything: { type: "boolean" },
	frames: { type: "string" },
	interval: { type: "string" },
	json: { type: "boolean" },
	key: { type: "string", multiple: true },
	limit: { type: "string" },
	policy: { type: "string" },
	prefix: { type: "string" },
	tag: { type: "string", multiple: true },
	valuations: { type: "string" },
} as const;

export type Values = ReturnType<typeof parse>["values"];
type OptionName = keyof typeof OPTIONS;

/** What each command takes, and how many words at the least and most. */
const COMMANDS = {
	stats: { options: [], words: [0, 0] },
	top: { options: ["interval", "frames"], words: [0, 0] },
	entries: { options: ["prefix", "cursor", "limit"], words: [0, 0] },
	entry: { options: [], words: [1, 1] },
	explain: { options: [], words: [2, 3] },
	purge: { options: ["tag", "key", "prefix", "policy", "everything"], words: [0, 0] },
	expire: { options: ["tag"], words: [0, 0] },
	warm: { options: ["valuations"], words: [0, 0] },
	audit: { options: ["before", "limit"], words: [0, 0] },
} as const satisfies Record<string, { options: readonly OptionName[]; words: readonly [number, number] }>;

export type CommandName = keyof typeof COMMANDS;

export interface Command {
	readonly name: CommandName;
	readonly words: readonly string[];
	readonly values: Values;
}

/** @throws {TerminalError} for what no command takes */
export function readCommand(args: string[]): Command {
	const { positionals, values } = parse(args);
	const [name = "", ...words] = positionals;
	if (!isCommand(name)) throw new TerminalError(USAGE);
	const {
		options,
		words: [least, most],
	} = COMMANDS[name];
	if (words.length < least || words.length > most) throw new TerminalError(USAGE);
	const taken: readonly string[] = ["as", "json", ...options];
	const misplaced = Object.keys(values).find((option) => !taken.includes(option));
	if (misplaced) throw new TerminalError(`${name} takes no --${misplaced}.\n\n${USAGE}`);
	return { name, words, values };
}

/** @throws {TerminalError} for what is no whole number from `low` to `high` */
export function wholeNumber(text: string, option: string, [low, high]: readonly [number, number]): number {
	const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
	if (value >= low && value <= high) return value;
	throw new TerminalError(`--${option} must be a whole number from ${low} to ${high}.`);
}

function parse(args: string[]) {
	return parseArgs({ args, allowPositionals: true, options: OPTIONS });
}

function isCommand(name: string): name is CommandName {
	return Object.hasOwn(COMMANDS, name);
}
