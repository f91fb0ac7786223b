import { describe, expect, test } from "bun:test";
import type { FaultTimes } from "../../scripts/load/faults.ts";
import { brokenInFaults, brokenWhileWell, recoveryOf } from "../../scripts/load/promises.ts";
import type { Asked } from "../../scripts/load/records.ts";
import type { User } from "../../scripts/load/users.ts";
import { valuationAsk } from "./answers.ts";

const TIMES: FaultTimes = {
	begun: 0,
	redisLost: 20_000,
	redisBack: 30_000,
	databaseLost: 40_000,
	databaseBack: 50_000,
	over: 60_000,
};
const ASKS = [valuationAsk(), valuationAsk()];
const USERS: User[] = [
	{ via: "token", headers: {} },
	{ via: "cookie", headers: {} },
];
const WELL = { storedAgainMs: 100, hitsBackMs: 500, missesBackMs: 100 };

function asked(at: number, outcome: string, { ask = 0, user = 0 } = {}): Asked {
	return { at, ms: 5, ask, user, outcome };
}

const broken = (...all: Asked[]) => brokenInFaults(all, USERS, TIMES, WELL);

describe("what callers are promised", () => {
	test("while all is well: every request is answered", () => {
		expect(brokenWhileWell([asked(1, "hit"), asked(2, "stored"), asked(3, "fresh")])).toEqual([]);
		expect(brokenWhileWell([asked(1, "hit"), asked(2, "hung up")])).toEqual(["requests failed: 1 hung up"]);
		expect(brokenWhileWell([asked(1, "refused")])).toHaveLength(1);
		expect(brokenWhileWell([])).toEqual(["nothing was asked"]);
	});

	test("what is in no cache may be refused while the database is away, and shortly after", () => {
		expect(broken(asked(45_000, "refused"), asked(51_000, "refused"))).toEqual([]);
		expect(broken(asked(39_000, "refused"))).toHaveLength(1);
		expect(broken(asked(55_500, "refused"))).toHaveLength(1);
	});

	test("what was stored since Redis came back is not refused", () => {
		expect(broken(asked(35_000, "stored"), asked(45_000, "refused"))).toHaveLength(1);
		expect(broken(asked(37_000, "hit"), asked(45_000, "refused"))).toHaveLength(1);
		expect(broken(asked(35_000, "stored"), asked(45_000, "refused", { ask: 1 }))).toEqual([]);
		expect(broken(asked(41_000, "refused"), asked(45_000, "stored"))).toEqual([]);
	});

	test("what was given from a server's own memory, or before Redis was emptied, need not be stored", () => {
		expect(broken(asked(33_000, "hit"), asked(45_000, "refused"))).toEqual([]);
		expect(broken(asked(10_000, "stored"), asked(45_000, "refused"))).toEqual([]);
	});

	test("whose session has to be looked up may be refused", () => {
		expect(broken(asked(35_000, "stored"), asked(45_000, "refused", { user: 1 }))).toEqual([]);
	});

	test("nothing fails in any other way, and all comes back", () => {
		expect(broken(asked(45_000, "status 500"))).toEqual(["requests failed: 1 status 500"]);
		expect(
			brokenInFaults([asked(1, "hit")], USERS, TIMES, { ...WELL, storedAgainMs: undefined }),
		).toHaveLength(1);
		expect(brokenInFaults([asked(1, "hit")], USERS, TIMES, { ...WELL, missesBackMs: 9_000 })).toHaveLength(1);
	});
});

describe("how long it takes until all is as before", () => {
	test("counts from the return of what was lost", () => {
		const all = [
			...[1_000, 2_000].map((at) => asked(at, "hit")),
			...[30_100, 30_200].map((at) => asked(at, "fresh")),
			asked(30_300, "stored"),
			...[30_600, 31_100, 31_200].map((at) => asked(at, at < 31_000 ? "fresh" : "hit")),
			asked(49_000, "refused"),
			asked(50_300, "stored"),
		];
		expect(recoveryOf(all, ASKS, TIMES)).toEqual({
			storedAgainMs: 305,
			hitsBackMs: 1_000,
			missesBackMs: 305,
		});
	});

	test("does not take hits that are all that is answered, as the database is lost, for as many as before", () => {
		const all = [
			...Array.from({ length: 20 }, (_, index) => asked(1_000 + index, "hit")),
			...Array.from({ length: 20 }, (_, index) => asked(30_000 + 490 * index, "stored")),
			...Array.from({ length: 20 }, (_, index) => asked(40_010 + index, "hit")),
		];
		const times = { ...TIMES, redisBack: 29_750 };
		expect(recoveryOf(all, ASKS, times).hitsBackMs).toBeUndefined();
	});

	test("says so where it never came back", () => {
		expect(recoveryOf([asked(1_000, "hit")], ASKS, TIMES)).toEqual({
			storedAgainMs: undefined,
			hitsBackMs: undefined,
			missesBackMs: undefined,
		});
	});
});
