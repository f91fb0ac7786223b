import { createHash } from "node:crypto";
import type { RedisHttpLink, RedisWord } from "./redis-http-link.ts";

type Value = RedisWord | Uint8Array;

/**
 * A script as ioredis would define it: by its digest, and whole where the server does not have it. Over HTTP bytes can only
 * be the last word, so a script that is given some first puts them back to where it expects them.
 */
export function createHttpScript(link: RedisHttpLink, lua: string) {
	return async (keyCount: number, ...words: Value[]): Promise<unknown> => {
		const place = words.findIndex((word) => word instanceof Uint8Array);
		const text = words.filter((word): word is RedisWord => !(word instanceof Uint8Array));
		const bytes = words[place];
		const script =
			bytes instanceof Uint8Array
				? `table.insert(ARGV, ${place - keyCount + 1}, table.remove(ARGV))\n${lua}`
				: lua;
		const run = (command: string, what: string) =>
			bytes instanceof Uint8Array
				? link.send([command, what, keyCount, ...text], bytes)
				: link.ask([command, what, keyCount, ...text]);
		try {
			return await run("EVALSHA", createHash("sha1").update(script).digest("hex"));
		} catch (error) {
			if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
			// A path is no place for a script: it is loaded, then called again.
			await link.ask(["SCRIPT", "LOAD", script]);
			return run("EVALSHA", createHash("sha1").update(script).digest("hex"));
		}
	};
}
