import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { commitsConformance } from "./conformance-commits.ts";
import { inspectionConformance } from "./conformance-inspection.ts";
import { leasesConformance } from "./conformance-leases.ts";
import { marksConformance } from "./conformance-marks.ts";
import { bytes, ODD_KEYS, type StoreUnderTest, textAt } from "./store-under-test.ts";
import { eventually } from "./support/eventually.ts";

/** What every store that keeps something must do, the capability included. */
export function storeConformance(name: string, make: () => Promise<StoreUnderTest>): void {
	describe(`store ${name}`, () => {
		let subject: StoreUnderTest;
		beforeAll(async () => {
			subject = await make();
		});
		afterAll(async () => {
			await subject?.close?.();
		});
		membersConformance(() => subject);
		describe("coordination", () => {
			marksConformance(() => subject);
			leasesConformance(() => subject);
			commitsConformance(() => subject);
		});
		inspectionConformance(() => subject);
	});
}

function membersConformance(subject: () => StoreUnderTest): void {
	const store = () => subject().store;

	test("has a short fixed name", () => {
		expect(store().name).toMatch(/^[a-z+-]{1,20}$/);
	});

	test("knows nothing of a key that was never set", async () => {
		expect(await store().get("t:absent")).toBeUndefined();
	});

	test("gives back the bytes it was given", async () => {
		const value = Uint8Array.from({ length: 256 }, (_, index) => index);
		await store().set("t:bytes", value, 60_000);
		const hit = await store().get("t:bytes");
		expect(Buffer.from(hit?.value ?? [])).toEqual(Buffer.from(value));
	});

	test("keeps a part of a larger buffer, not the whole of it", async () => {
		const large = bytes("before-the part-after");
		await store().set("t:part", large.subarray(7, 15), 60_000);
		expect(await textAt(store(), "t:part")).toBe("the part");
	});

	test("keeps an empty value apart from none", async () => {
		await store().set("t:empty", new Uint8Array(), 60_000);
		expect((await store().get("t:empty"))?.value.byteLength).toBe(0);
	});

	test("replaces what was there", async () => {
		await store().set("t:twice", bytes("one"), 60_000);
		await store().set("t:twice", bytes("two"), 60_000);
		expect(await textAt(store(), "t:twice")).toBe("two");
	});

	test("says on deleting whether there was something", async () => {
		await store().set("t:gone", bytes("x"), 60_000);
		expect(await store().delete("t:gone")).toBe(true);
		expect(await store().delete("t:gone")).toBe(false);
		expect(await store().get("t:gone")).toBeUndefined();
	});

	test("drops an entry when its time has run out", async () => {
		await store().set("t:brief", bytes("x"), 30);
		await subject().pass(60);
		await eventually(async () => expect(await store().get("t:brief")).toBeUndefined());
	});

	test("tells no more time than is left, where it tells", async () => {
		await store().set("t:remaining", bytes("x"), 60_000);
		await subject().pass(20);
		const remainingMs = (await store().get("t:remaining"))?.remainingMs ?? 1;
		expect(remainingMs).toBeGreaterThan(0);
		expect(remainingMs).toBeLessThanOrEqual(59_980);
	});

	test("8, 40: takes any text for a key, and each key for itself", async () => {
		for (const key of ODD_KEYS) await store().set(key, bytes(key), 60_000);
		for (const key of ODD_KEYS) expect(await textAt(store(), key)).toBe(key);
		await store().delete("t:*");
		expect(await textAt(store(), "t:[a]?")).toBe("t:[a]?");
	});

	test("answers many reads at once, each with its own entry", async () => {
		const keys = Array.from({ length: 200 }, (_, index) => `t:many:${index}`);
		await Promise.all(keys.map((key) => store().set(key, bytes(key), 60_000)));
		const asked = [...keys, "t:many:none", ...keys];
		const found = await Promise.all(asked.map((key) => textAt(store(), key)));
		expect(found).toEqual([...keys, undefined, ...keys]);
	});
}
