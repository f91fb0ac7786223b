import { describe, expect, test } from "bun:test";
import { eventually } from "../cache/support/eventually.ts";
import { putDamagedToUse, putToUse, risingModel } from "./made-market.ts";
import { FLAT, inUse, useInstances, valued } from "./model-instances.ts";

const instances = useInstances();

describe("a damaged model", () => {
	test("leaves the one before in use, is logged once, and gives way to the next good one", async () => {
		await putToUse(instances.database.db, risingModel("calm", 0));
		const { api, logger } = await instances.start();
		const calm = await valued(api);
		await putDamagedToUse(instances.database.db, "damaged");
		const complaints = () => logger.lines.filter(({ level }) => level === "warn" || level === "error");
		await eventually(() => complaints().length > 0);
		await Bun.sleep(50);
		expect(complaints()).toMatchObject([
			{ level: "warn", message: "The valuation's model: a change is not followed yet; trying again" },
		]);
		expect(await valued(api)).toEqual({ ...calm, isHit: true });
		expect(await valued(api, { ...FLAT, size_sqm: 70 })).toMatchObject({ version: "calm", isHit: false });
		api.clock.advance(61_000);
		expect(await valued(api, { ...FLAT, size_sqm: 72 })).toMatchObject({ version: "calm", isHit: false });
		await putToUse(instances.database.db, risingModel("brisk", 0.1));
		await eventually(() => inUse(api) === "brisk", 1_000);
		expect(await valued(api)).toMatchObject({ version: "brisk", isHit: false });
	});

	test("is passed over by an instance that starts, and so are all where none is sound", async () => {
		await putDamagedToUse(instances.database.db, "damaged");
		const none = await instances.start();
		expect(await valued(none.api)).toMatchObject({ version: null });
		await putToUse(instances.database.db, risingModel("calm", 0));
		await putDamagedToUse(instances.database.db, "damaged-again");
		const { api, logger } = await instances.start();
		expect(await valued(api)).toMatchObject({ version: "calm" });
		expect(logger.lines.filter(({ level }) => level === "error")).toMatchObject([
			{ fields: { version: "damaged-again" }, message: expect.stringContaining("is damaged") },
		]);
	});
});
