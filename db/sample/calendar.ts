import { daysBefore, daysBetween } from "../../src/lib/days.ts";
import { type Random, weightedPicker } from "../../src/lib/random.ts";

/** Days of the made-up market: seven months. */
export const SPAN_DAYS = 212;

/** Offices register on working days, late morning; a few things are registered at any time. From Sunday, from midnight. */
const WEEKDAY_CHANCE = [0.03, 0.92, 1, 0.97, 1, 0.9, 0.16];
const HOUR_WEIGHTS = [
	2, 3, 1, 1, 1, 1, 1, 6, 29, 67, 110, 130, 120, 105, 105, 90, 76, 56, 33, 23, 16, 10, 8, 6,
];
const pickHour = weightedPicker(HOUR_WEIGHTS.map((weight, hour) => [hour, weight] as const));

/** Days are counted from 0, the first day of the sample, to `SPAN_DAYS - 1`, its last. */
export interface SampleCalendar {
	/** Whether the office would register something on that day; a Sunday seldom passes. */
	opensOn(day: number, random: Random): boolean;
	/** `YYYY-MM-DD HH:MM:SS`. */
	instant(day: number, second: number): string;
	year(day: number): number;
}

/** @param endDay the sample's last day, YYYY-MM-DD. Throws on anything else. */
export function createCalendar(endDay: string): SampleCalendar {
	if (!/^\d{4}-\d{2}-\d{2}$/.test(endDay) || Number.isNaN(Date.parse(endDay))) {
		throw new RangeError(`The sample's last day must be a date like 2026-07-31, not "${endDay}".`);
	}
	const firstDay = daysBefore(endDay, SPAN_DAYS - 1);
	// 2023-01-01 was a Sunday.
	const firstWeekday = ((daysBetween("2023-01-01", firstDay) % 7) + 7) % 7;
	const names = new Map<number, string>();
	const dayName = (day: number): string => {
		const known = names.get(day);
		if (known !== undefined) return known;
		const name = daysBefore(firstDay, -day);
		names.set(day, name);
		return name;
	};
	return {
		opensOn(day, random) {
			return random.chance(WEEKDAY_CHANCE[(firstWeekday + day) % 7] ?? 1);
		},
		instant: (day, second) => `${dayName(day)} ${timeOfDay(second)}`,
		year: (day) => Number(dayName(day).slice(0, 4)),
	};
}

/** A second of the day, as busy as offices are. */
export function officeSecond(random: Random): number {
	return pickHour(random.next()) * 3600 + random.integer(0, 3599);
}

function timeOfDay(second: number): string {
	const two = (value: number) => String(value).padStart(2, "0");
	return `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
}
