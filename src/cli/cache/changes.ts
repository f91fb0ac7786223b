import { TerminalError } from "../terminal.ts";
import { type Values, wholeNumber } from "./command.ts";
import type { Remote } from "./remote.ts";
import { figure, milliseconds } from "./units.ts";

interface Removed {
	tags: number;
	keys: number;
}

/** What a command has to say: to people, and to programs. */
export interface Said {
	text: string;
	body: object;
}

export async function purge(remote: Remote, values: Values): Promise<Said> {
	const what = wanted(values);
	const body = await remote.post<{ purged: Removed }>("cache/purge", what);
	const { keys } = body.purged;
	const text =
		"keys" in what
			? `${figure(keys)} of ${figure(what.keys.length)} ${what.keys.length === 1 ? "entry was" : "entries were"} there and ${keys === 1 ? "is" : "are"} gone.`
			: `Purged ${describe(what)}: no instance gives what was stored before.`;
	return { text, body };
}

export async function expire(remote: Remote, { tag = [] }: Values): Promise<Said> {
	if (tag.length === 0) throw new TerminalError("Say what to expire: --tag T, which may be repeated.");
	const body = await remote.post<{ expired: Removed }>("cache/expire", { tags: tag });
	return { text: `Expired what carries ${tag.join(", ")}: it is made anew when it is asked for.`, body };
}

export async function warm(remote: Remote, { valuations }: Values): Promise<Said> {
	const asked =
		valuations === undefined ? {} : { valuations: wholeNumber(valuations, "valuations", [0, 100_000]) };
	const body = await remote.post<{
		finished: boolean;
		warmed?: { warmed: number; failed: number; ms: number };
	}>("cache/warm", asked);
	const text = body.warmed
		? `${figure(body.warmed.warmed)} answers warmed, ${figure(body.warmed.failed)} failed, in ${milliseconds(body.warmed.ms)}.`
		: "It takes longer than a request may and goes on; `bun run cache audit` shows its end.";
	return { text, body };
}

type Wanted =
	| { tags: string[] }
	| { keys: string[] }
	| { prefix: string }
	| { policy: string }
	| { everything: true };

function wanted({ tag, key, prefix, policy, everything }: Values): Wanted {
	const ways: Wanted[] = [];
	if (tag) ways.push({ tags: tag });
	if (key) ways.push({ keys: key });
	if (prefix !== undefined) ways.push({ prefix });
	if (policy !== undefined) ways.push({ policy });
	if (everything) ways.push({ everything });
	const [what] = ways;
	if (!what || ways.length > 1) {
		throw new TerminalError("Say what to purge by one of --tag, --key, --prefix, --policy and --everything.");
	}
	return what;
}

function describe(what: Exclude<Wanted, { keys: string[] }>): string {
	if ("tags" in what) return `what carries ${what.tags.join(", ")}`;
	if ("prefix" in what) return `all under ${what.prefix}`;
	return "policy" in what ? `all of ${what.policy}` : "everything";
}
