import { Rejection } from "./errors.ts";

/** The text under a column, tidied at its ends; absent when empty, `null`, or when the file has no such column. */
export type Cell = (column: string) => string | undefined;

/** Empty text and the word `null`, as Dubai Pulse writes it, mean that nothing is known. */
export function present(text: string | undefined): string | undefined {
	const trimmed = text?.trim();
	if (!trimmed || trimmed.toLowerCase() === "null") return undefined;
	return trimmed;
}

export function needed(text: string | undefined, field: string): string {
	if (text === undefined) throw new Rejection(`no-${field}`);
	return text;
}

const NUMBER = /^(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?$|^\.\d+$/;
/** The columns hold fourteen digits before the point for money, twelve for sizes. */
const LARGEST = 999_999_999_999;

/**
 * An amount or size, rounded to the two decimals that are kept. Zero is how the sources write "unknown", so it is
 * absent too.
 *
 * @throws {Rejection} `bad-<field>` for anything that is not a number, `negative-<field>`
 */
export function amount(text: string | undefined, field: string): number | undefined {
	if (text === undefined) return undefined;
	if (!NUMBER.test(text)) {
		throw new Rejection(/^-\s*[\d.,]+$/.test(text) ? `negative-${field}` : `bad-${field}`);
	}
	const value = Number(text.replaceAll(",", ""));
	if (value > LARGEST) throw new Rejection(`bad-${field}`);
	const rounded = Math.round(value * 100) / 100;
	return rounded === 0 ? undefined : rounded;
}

/** A whole number of things, from `3` or `3.0`; absent when zero. */
export function count(text: string | undefined, field: string): number | undefined {
	const value = amount(text, field);
	if (value !== undefined && (!Number.isInteger(value) || value > 1_000_000))
		throw new Rejection(`bad-${field}`);
	return value;
}

const ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/;
const DAY_FIRST = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/;

/**
 * Wall time in Dubai as `YYYY-MM-DD HH:MM:SS`, from an ISO date or a day-first one, with or without a time.
 *
 * @throws {Rejection} `bad-<field>` for a day that is not in the calendar, 1900 to 2100
 */
export function instant(text: string, field: string): string {
	const iso = ISO.exec(text);
	const parts = iso ?? DAY_FIRST.exec(text);
	if (!parts) throw new Rejection(`bad-${field}`);
	const [, first, month, third, hour = "00", minute = "00", second = "00"] = parts;
	const year = Number(iso ? first : third);
	const day = Number(iso ? third : first);
	const valid =
		year >= 1900 &&
		year <= 2100 &&
		day >= 1 &&
		day <= daysIn(year, Number(month)) &&
		Number(hour) < 24 &&
		Number(minute) < 60 &&
		Number(second) < 60;
	if (!valid) throw new Rejection(`bad-${field}`);
	return `${year}-${two(month)}-${two(String(day))} ${two(hour)}:${minute}:${second}`;
}

/** The calendar day `YYYY-MM-DD`; a time after it does not count. */
export function day(text: string, field: string): string {
	return instant(text, field).slice(0, 10);
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
	const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
	return month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
}

function two(text: string | undefined): string {
	return (text ?? "").padStart(2, "0");
}
