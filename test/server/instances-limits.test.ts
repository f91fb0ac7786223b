import { describe, expect, test } from "bun:test";
import { eventually } from "../cache/support/eventually.ts";
import type { Server } from "../support/servers.ts";
import { anotherFlat, TEST_WITHIN_MS, useThree } from "./three-instances.ts";

const MISSES = 6;
const LISTS = 5;
const ATTEMPTS = 4;

const three = useThree({
	VALUATION_MISSES_PER_MINUTE: String(MISSES),
	VALUATION_BATCHES_PER_MINUTE: String(LISTS),
	LOGIN_ATTEMPTS_PER_MINUTE: String(ATTEMPTS),
	TRUST_PROXY: "true",
});

/** How many of so many requests at each of the servers are refused, and whether all of those say when to come again. */
async function refused(
	servers: readonly Server[],
	times: number,
	ask: (server: Server) => Promise<Response>,
) {
	const asks = servers.flatMap((server) => Array.from({ length: times }, () => ask(server)));
	const tooMany = (await Promise.all(asks)).filter(({ status }) => status === 429);
	for (const { headers } of tooMany) expect(Number(headers.get("Retry-After"))).toBeWithin(1, 61);
	return tooMany.length;
}

let addresses = 0;
/** Guesses at a password from an address of its own, so that only the limit for the e-mail is met. */
function guess(email: string) {
	addresses += 1;
	const headers = { "X-Forwarded-For": `192.0.2.${addresses}` };
	return (server: Server) => server.post("/api/auth/token", { email, password: "wrong" }, { headers });
}

/** Asks for values that nobody has asked for, as somebody whom nobody has seen. */
async function misses() {
	const caller = await three.somebody();
	return (server: Server) => server.post("/api/property/valuation", anotherFlat(), caller);
}

/** The same for lists of them. */
async function lists() {
	const caller = await three.somebody();
	return (server: Server) => server.post("/api/property/valuations", { subjects: [anotherFlat()] }, caller);
}

describe("what may be done so often", () => {
	test(
		"is counted by three instances together: values, lists of them, and attempts to sign in",
		async () => {
			const { servers } = three;
			expect(await refused(servers, 4, await misses())).toBe(12 - MISSES);
			expect(await refused(servers, 3, await lists())).toBe(9 - LISTS);
			expect(await refused(servers, 3, guess(await three.account()))).toBe(9 - ATTEMPTS);
		},
		TEST_WITHIN_MS,
	);

	test(
		"is counted by each for itself while Redis is frozen, at once when that is known, and together again afterwards",
		async () => {
			const { servers, ground } = three;
			ground.redis.freeze();
			for (const server of servers) {
				const both = async () => {
					const begun = performance.now();
					expect(await refused([server], LISTS + 2, await lists())).toBe(2);
					expect(await refused([server], ATTEMPTS + 2, guess(await three.account()))).toBe(2);
					return performance.now() - begun;
				};
				// Until it is known each step waits for the store's deadline, which is a second here.
				expect(await both()).toBeLessThan(10_000);
				// Then there is the work alone; on a busy machine some passwords' worth of arithmetic.
				expect(await both()).toBeLessThan(3_000);
				// A caller is not made to pay for all his answers being misses now.
				expect(await refused([server], MISSES + 2, await misses())).toBe(0);
			}
			ground.redis.thaw();
			await eventually(async () => {
				// By themselves none of the three would refuse anybody.
				expect(await refused(servers, 2, guess(await three.account()))).toBe(6 - ATTEMPTS);
				expect(await refused(servers, 3, await misses())).toBe(9 - MISSES);
			}, 15_000);
		},
		TEST_WITHIN_MS,
	);
});
