import { describe, expect, test } from "bun:test";
import { amount, count, day, instant, present } from "../../db/import/cells.ts";

describe("numbers", () => {
	test("plain, decimal and with thousands commas are read to two decimals", () => {
		expect(
			["1200", "1200.50", "1,200.5", "12,345,678.999", ".5", "7."].map((text) => amount(text, "price")),
		).toEqual([1200, 1200.5, 1200.5, 12345679, 0.5, 7]);
	});

	test("zero and nothing are absent", () => {
		expect([amount("0", "size"), amount("0.00", "size"), amount(undefined, "size")]).toEqual([
			undefined,
			undefined,
			undefined,
		]);
	});

	test("what is not a number is rejected, a negative one under its own reason", () => {
		for (const text of ["NaN", "Infinity", "1e999", "abc", "1,2,3", "12 000", "0x10", "9999999999999"]) {
			expect(() => amount(text, "price")).toThrow("bad-price");
		}
		expect(() => amount("-5.00", "price")).toThrow("negative-price");
	});

	test("a count is a whole number", () => {
		expect(count("3.0", "units")).toBe(3);
		expect(() => count("2.5", "units")).toThrow("bad-units");
	});
});

describe("dates", () => {
	test("ISO and day-first dates, with and without a time, are read", () => {
		expect(instant("2031-02-03 04:05:06", "date")).toBe("2031-02-03 04:05:06");
		expect(instant("2031-02-03T04:05:06.789", "date")).toBe("2031-02-03 04:05:06");
		expect(instant("2031-02-03", "date")).toBe("2031-02-03 00:00:00");
		expect(instant("03/02/2031", "date")).toBe("2031-02-03 00:00:00");
		expect(instant("3-2-2031 4:05", "date")).toBe("2031-02-03 04:05:00");
		expect(day("03-02-2031 23:59:59", "start")).toBe("2031-02-03");
	});

	test("a leap day is a day only in leap years", () => {
		expect(day("29/02/2032", "start")).toBe("2032-02-29");
		expect(day("2000-02-29", "start")).toBe("2000-02-29");
		for (const text of ["2031-02-29", "1900-02-29"]) expect(() => day(text, "start")).toThrow("bad-start");
	});

	test("days that no calendar has are rejected", () => {
		for (const text of [
			"2031-13-01",
			"31/04/2031",
			"02/13/2031",
			"2031-00-10",
			"0031-01-01",
			"2031-01-01 25:00",
			"soon",
		]) {
			expect(() => instant(text, "date")).toThrow("bad-date");
		}
	});
});

test("empty text, blanks and the word null are absent", () => {
	expect(["", "  ", "null", "NULL ", " Flat "].map(present)).toEqual([
		undefined,
		undefined,
		undefined,
		undefined,
		"Flat",
	]);
});
