import { nameKey, tidyName } from "../../src/lib/name-key.ts";
import { Rejection } from "./errors.ts";

/** A name as people read it, and folded for comparing. */
export interface Name {
	readonly name: string;
	readonly key: string;
}

/** A longer one is a slip of the format, and would not fit into the database's index of names. */
const LONGEST = 300;

/** Names repeat by the hundred thousand; remembering a bounded number of them saves most of the folding. */
const REMEMBERED = 20_000;
const remembered = new Map<string, Name>();

/**
 * Without stray white space, line breaks and characters that nobody sees (PostgreSQL refuses NUL).
 *
 * @throws {Rejection} `no-name` when nothing is left, `name-too-long`
 */
export function nameOf(text: string): Name {
	const name = folded(text);
	if (!name.key) throw new Rejection("no-name");
	return name;
}

/** @throws {Rejection} `name-too-long` */
export function optionalName(text: string | undefined): Name | undefined {
	const name = text === undefined ? undefined : folded(text);
	return name?.key ? name : undefined;
}

function folded(text: string): Name {
	const known = remembered.get(text);
	if (known) return known;
	const name = tidyName(text.replace(/[\p{Cc}\p{Cf}]/gu, " "));
	if (name.length > LONGEST) throw new Rejection("name-too-long");
	const made = { name, key: nameKey(name) };
	if (remembered.size >= REMEMBERED) remembered.clear();
	remembered.set(text, made);
	return made;
}
