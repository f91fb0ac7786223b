import { afterEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ImportError, importFile } from "../../db/import/index.ts";
import { csv, rent, sale } from "./fixtures.ts";
import { useMarket } from "./market.ts";

const market = useMarket();
const many = Array.from({ length: 3_000 }, (_, at) => sale({ TRANSACTION_NUMBER: `11-${at + 1}-2031` }));

async function refusal(path: string): Promise<string> {
	const error = await importFile(market.database, path).then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(ImportError);
	return (error as ImportError).message;
}

describe("an unusable file is refused in one sentence", () => {
	afterEach(async () => {
		expect(await market.sales()).toEqual([]);
		const [run] = await market.database.sql`select status, message from import_runs order by id desc limit 1`;
		expect(run?.["status"]).toBe("failed");
		expect(run?.["message"]).toEndWith(".");
	});

	test("that does not exist", async () => {
		expect(await refusal("/nowhere/at/all.csv")).toBe("/nowhere/at/all.csv does not exist.");
	});

	test("that is a folder", async () => {
		expect(await refusal(await market.fixtures.folder())).toContain("is a folder, not a file");
	});

	test("that is empty, also when gzipped, or holds blank lines only", async () => {
		expect(await refusal(await market.fixtures.file("", "empty.csv"))).toBe("empty.csv is empty.");
		expect(await refusal(await market.fixtures.gzipped("", "empty.csv.gz"))).toBe("empty.csv.gz is empty.");
		expect(await refusal(await market.fixtures.file("\n\n", "blank.csv"))).toBe("blank.csv is empty.");
	});

	test("that holds a header and no rows", async () => {
		const header = csv([sale()]).split("\n")[0] ?? "";
		expect(await refusal(await market.fixtures.file(`${header}\n`))).toContain("holds a header and no rows");
	});

	test("that lacks a column: the nearest format and what is missing are named", async () => {
		const { REGISTRATION_DATE, PROJECT_EN, ...poorer } = rent();
		const message = await refusal(await market.fixtures.file(csv([poorer])));
		expect(message).toContain("nearest to website-rents but lacks REGISTRATION_DATE, PROJECT_EN");
		expect(message).toContain("website-sales");
		expect(message).toContain("area-crosswalk");
	});

	test("whose header is of something else, or names a column twice", async () => {
		expect(await refusal(await market.fixtures.file("name,age\nHeron,3\n"))).toContain(
			"is of no known format",
		);
		const twice = csv([{ ...sale(), "trans_value ": "1" }]);
		expect(await refusal(await market.fixtures.file(twice))).toContain("names the column TRANS_VALUE twice");
	});

	test("that is binary junk, also when gzipped", async () => {
		const junk = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), randomBytes(200_000)]);
		expect(await refusal(await market.fixtures.file(junk))).toContain("holds binary data");
		expect(await refusal(await market.fixtures.file(gzipSync(junk)))).toContain("holds binary data");
	});

	test("that turns into binary junk, or another encoding, after its first rows", async () => {
		const text = csv(many);
		expect(text.length).toBeGreaterThan(150_000);
		for (const junk of [Buffer.from([0]), Buffer.from([0xe9, 0x20]), Buffer.from([0xc3])]) {
			const path = await market.fixtures.file(Buffer.concat([Buffer.from(text), junk]));
			expect(await refusal(path)).toContain("holds binary data");
		}
	});

	test("that is a named pipe, without waiting for its writer", async () => {
		const path = join(await market.fixtures.folder(), "pipe.csv");
		execFileSync("mkfifo", [path]);
		expect(await refusal(path)).toBe(`${path} is not a regular file.`);
	});

	test("in which a row is too large", async () => {
		const row = sale({ PARKING: "P".repeat(1_100_000) });
		expect(await refusal(await market.fixtures.file(csv([row])))).toContain("a row is larger than 1 MB");
	});

	test("whose gzip data is cut short", async () => {
		const whole = gzipSync(csv(many));
		const path = await market.fixtures.file(whole.subarray(0, whole.length - 2_000), "cut.csv.gz");
		expect(await refusal(path)).toBe(
			"cut.csv.gz ends in the middle of its gzip data: it was cut short, fetch it again.",
		);
	});

	test("whose gzip data is damaged", async () => {
		const whole = gzipSync(csv(many));
		whole.fill(0x55, whole.length >> 1, (whole.length >> 1) + 500);
		expect(await refusal(await market.fixtures.file(whole))).toMatch(/gzip data/);
	});

	test("in which a quote is never closed", async () => {
		const path = await market.fixtures.file(`${csv(many)}"11-1-2031,2031-01-01\n`);
		expect(await refusal(path)).toContain("a quote is opened and not closed");
	});
});

describe("nothing is lost by a refused file", () => {
	test("what was loaded before stays, and the next file loads", async () => {
		await market.load(many.slice(0, 10));
		const whole = gzipSync(csv(many));
		await refusal(await market.fixtures.file(whole.subarray(0, whole.length - 2_000)));
		expect(await market.sales()).toHaveLength(10);
		expect(await market.load(many)).toMatchObject({ loaded: 2_990, alreadyThere: 10 });
	});
});
