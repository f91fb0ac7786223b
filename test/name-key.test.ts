import { expect, test } from "bun:test";
import { nameKey, tidyName } from "../src/lib/name-key.ts";

test("spellings of one place that differ in case, white space or line breaks share a key", () => {
	expect(nameKey(" BUSINESS  BAY ")).toBe(nameKey("Business Bay"));
	expect(tidyName("THE ANWA BY OMNIYAT\r\n")).toBe("THE ANWA BY OMNIYAT");
});

test("names that differ in any other character keep different keys", () => {
	expect(nameKey("Al Barsha First")).not.toBe(nameKey("Al Barsha Second"));
});
