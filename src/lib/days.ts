const DAY_MS = 24 * 60 * 60 * 1000;

/** Whole days from one calendar day (YYYY-MM-DD) to a later one. */
export function daysBetween(earlier: string, later: string): number {
	return Math.round((Date.parse(later) - Date.parse(earlier)) / DAY_MS);
}

/** A calendar day (YYYY-MM-DD) as the number of days since 1970-01-01, and back. */
export function dayNumber(day: string): number {
	return Date.parse(day) / DAY_MS;
}

export function dayOfNumber(number: number): string {
	return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

/** The calendar day that lies so many days before another. */
export function daysBefore(day: string, days: number): string {
	return new Date(Date.parse(day) - days * DAY_MS).toISOString().slice(0, 10);
}
