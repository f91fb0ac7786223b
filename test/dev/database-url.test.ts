import { expect, test } from "bun:test";
import { databaseUrl } from "../../src/cli/dev/database-url.ts";

test("commands go past a pooler, where there is one", async () => {
	const pooled = { DATABASE_URL: "postgres://pooler/retyn" };
	expect(await databaseUrl(pooled)).toBe("postgres://pooler/retyn");
	expect(await databaseUrl({ ...pooled, DATABASE_DIRECT_URL: "postgres://database/retyn" })).toBe(
		"postgres://database/retyn",
	);
});
