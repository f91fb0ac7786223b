import { describe, expect, test } from "bun:test";
import { openDatabase } from "../../db/client.ts";
import { putModelToUse } from "../../db/queries/models.ts";
import { valuationModels } from "../../db/schema/index.ts";
import { createCache, createMemoryStore } from "../../src/cache/index.ts";
import { METHOD } from "../../src/valuation/model.ts";
import { valuationRequest } from "../../src/valuation/request.ts";
import { resolveSubject } from "../../src/valuation/subject.ts";
import { createValues } from "../../src/valuation/values.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestApp } from "../support/app.ts";
import { MARKET_DAY } from "../support/market.ts";
import { putToUse, risingModel } from "./made-market.ts";
import { FLAT, inUse, MANY_MISSES, useInstances, type Valued, valued } from "./model-instances.ts";

const instances = useInstances();

describe("a model that is put to use", () => {
	test("values within a second wherever it is heard of, and what the one before had valued is forgotten", async () => {
		await putToUse(instances.database.db, risingModel("calm", 0));
		const [one, other] = await Promise.all([instances.start(), instances.start()]);
		const calm = await valued(one.api);
		expect(calm).toMatchObject({ version: "calm", isHit: false });
		expect((await valued(one.api)).isHit).toBe(true);
		await valued(other.api);

		const told = performance.now();
		await putToUse(instances.database.db, risingModel("brisk", 0.1));
		for (const { api } of [one, other]) {
			await eventually(() => inUse(api) === "brisk", 1_000);
			const brisk = await valued(api);
			expect(brisk).toMatchObject({ version: "brisk", isHit: false });
			expect(brisk.value).toBeGreaterThan(1.02 * calm.value);
		}
		expect(performance.now() - told).toBeLessThan(1_000);

		await eventually(() => one.logger.lines.some(({ message }) => message === "Another model values"));
		expect(await putModelToUse(instances.database.db, "calm", METHOD)).toBe(true);
		await eventually(() => inUse(one.api) === "calm", 1_000);
		// The answer of before is still in the store; purged, it is not given.
		await eventually(
			() => one.logger.lines.filter(({ message }) => message === "Another model values").length === 2,
		);
		expect(await valued(one.api)).toEqual(calm);
	});

	test("is not put to use where there is none of that version and method, and nothing is told", async () => {
		await putToUse(instances.database.db, risingModel("calm", 0));
		const { api } = await instances.start();
		expect(await putModelToUse(instances.database.db, "unknown", METHOD)).toBe(false);
		expect(await putModelToUse(instances.database.db, "calm", "another-method")).toBe(false);
		expect(await valued(api)).toMatchObject({ version: "calm" });
	});

	test("is left alone where it was trained for another method", async () => {
		await putToUse(instances.database.db, risingModel("calm", 0));
		const { api } = await instances.start();
		await putToUse(instances.database.db, risingModel("foreign", 0.1));
		await instances.database
			.sql`update valuation_models set method = 'another-method' where version = 'foreign'`;
		await api.app.models.refresh();
		expect(await valued(api)).toMatchObject({ version: "calm" });
	});

	test("takes the place of none, and none takes its place", async () => {
		const { api } = await instances.start();
		const { value } = await valued(api);
		expect(await valued(api)).toEqual({ version: null, value, isHit: true });
		await putToUse(instances.database.db, risingModel("brisk", 0.1));
		await eventually(() => inUse(api) === "brisk", 1_000);
		expect(await valued(api)).toMatchObject({ version: "brisk", isHit: false });
		await instances.database.db.delete(valuationModels);
		await instances.database.sql`select pg_notify('retyn_model', '')`;
		await eventually(() => inUse(api) === undefined, 1_000);
		expect(await valued(api)).toMatchObject({ version: null, value });
	});
});

describe("while a model changes", () => {
	test("each answer is one model's, that of the version it names: alone, in lists, and in instances that share a store", async () => {
		const versions = {
			calm: risingModel("calm", 0),
			brisk: risingModel("brisk", 0.1),
			slack: risingModel("slack", -0.1),
		};
		const sizes = Array.from({ length: 6 }, (_, index) => 70 + index / 10);
		const right = new Map<string, number>();
		for (const [version, model] of Object.entries(versions)) {
			await putToUse(instances.database.db, model);
			const alone = await createTestApp({ database: instances.database, env: MANY_MISSES });
			for (const size_sqm of sizes)
				right.set(`${version} ${size_sqm}`, (await valued(alone, { ...FLAT, size_sqm })).value);
		}
		expect(new Set(sizes.map((size) => right.get(`calm ${size}`))).size).toBe(sizes.length);
		expect(right.get("calm 70")).not.toBe(right.get("brisk 70"));

		const first = await instances.start();
		const store = createMemoryStore({ clock: first.api.clock, maxBytes: 8 * 1024 * 1024 });
		const [one, other] = await Promise.all([instances.start({ store }), instances.start({ store })]);
		const seen = new Set<string>();
		let changing = true;
		const check = ({ model_version, estimated_value }: Valued["valuation"], size: number) => {
			seen.add(String(model_version));
			expect(estimated_value).toBe(right.get(`${model_version} ${size}`) as number);
		};
		const asking = [one, other].flatMap(({ api }) => [
			(async () => {
				for (let turn = 0; changing; turn += 1) {
					// Answers from memory never wait: nothing else would get its turn.
					await Bun.sleep(1);
					const size_sqm = sizes[turn % sizes.length] as number;
					const response = await api.value({ ...FLAT, size_sqm });
					if (response.status === 503) expect(response.headers.get("Retry-After")).toBe("1");
					else check(((await response.json()) as Valued).valuation, size_sqm);
				}
			})(),
			(async () => {
				// As many as one caller may ask for in a minute.
				for (let turn = 0; changing && turn < 20; turn += 1) {
					await Bun.sleep(10);
					const subjects = sizes.map((size_sqm) => ({ ...FLAT, size_sqm }));
					const response = await api.post("/api/property/valuations", { subjects });
					const { results } = (await response.json()) as { results: Partial<Valued>[] };
					for (const [index, { valuation }] of results.entries()) {
						if (valuation) check(valuation, sizes[index] as number);
					}
				}
			})(),
		]);
		for (let turn = 0; turn < 12; turn += 1) {
			await Bun.sleep(30);
			await putModelToUse(instances.database.db, Object.keys(versions)[turn % 3] as string, METHOD);
		}
		changing = false;
		await Promise.all(asking);
		expect(seen.size).toBe(3);
	});

	/** Holds back whatever reads sales until it is let go. */
	async function holdSales(): Promise<() => Promise<void>> {
		const held = Promise.withResolvers<void>();
		const locked = Promise.withResolvers<void>();
		const holding = instances.database.sql.begin(async (sql) => {
			await sql`lock table sales in access exclusive mode`;
			locked.resolve();
			await held.promise;
		});
		await locked.promise;
		return async () => {
			held.resolve();
			await holding;
		};
	}

	test("what was asked before is answered by the model of then, however many changes later", async () => {
		await putToUse(instances.database.db, risingModel("calm", 0));
		// Enough connections that nothing is sent behind a statement that is held back.
		const own = openDatabase({ url: instances.database.url, max: 10 });
		instances.defer(() => own.close());
		const api = await createTestApp({ database: instances.database, db: own.db, env: MANY_MISSES });
		const { value } = await valued(api);
		await api.app.cache.purge({ everything: true });
		const letGo = await holdSales();
		const asked = valued(api);
		await eventually(async () => {
			const [{ waiting } = { waiting: 0 }] = await instances.database.sql<{ waiting: number }[]>`
				select count(*)::int as waiting from pg_locks where not granted and relation = 'sales'::regclass
					and database = (select oid from pg_database where datname = current_database())`;
			return waiting > 0;
		});
		for (const [version, month] of [
			["brisk", 0.1],
			["slack", -0.1],
		] as const) {
			await putToUse(instances.database.db, risingModel(version, month));
			await api.app.models.refresh();
		}
		await letGo();
		expect(await asked).toEqual({ version: "calm", value, isHit: false });
		expect(await valued(api)).toMatchObject({ version: "slack", isHit: false });
	});

	test("what was to be valued by a model that is gone is a 503, and valued by no other", async () => {
		await putToUse(instances.database.db, risingModel("calm", 0));
		const { app, clock } = await createTestApp({ database: instances.database, env: MANY_MISSES });
		const { directory, models } = app;
		const cache = createCache({ store: createMemoryStore({ clock, maxBytes: 1024 * 1024 }), clock });
		const values = createValues({ db: instances.database.db, cache, directory, models });
		const subject = (model: string) => resolveSubject(valuationRequest.parse(FLAT), known, MARKET_DAY, model);
		const known = await directory.current();
		const gone = values.value(subject("gone"));
		await expect(gone).rejects.toMatchObject({
			kind: "unavailable",
			fields: { headers: { "Retry-After": "1" } },
		});
		expect(await values.value(subject("calm"))).toMatchObject({ valuation: { model_version: "calm" } });
		await cache.settled();
	});
});
