import { afterEach, describe, expect, test } from "bun:test";
import { askedOf } from "../../scripts/load/records.ts";
import { runUsers } from "../../scripts/load/run-users.ts";
import { Scope } from "../../src/cli/dev/scope.ts";
import { eventually } from "../cache/support/eventually.ts";
import { FLAT, valuationAsk, valuationOf } from "./answers.ts";

const HIT = { "Cache-Status": "RetynAVM;hit;ttl=1" };
let scope = new Scope();

afterEach(async () => {
	await scope.close();
	scope = new Scope();
});

/** Users who ask such a server without a pause, until it has answered so often. What became of it all. */
async function askUntil(times: number, answer: (number: number, request: Request) => Response) {
	let answered = 0;
	const callers = new Set<number>();
	const server = Bun.serve({
		port: 0,
		hostname: "127.0.0.1",
		fetch(request, self) {
			answered += 1;
			callers.add(self.requestIP(request)?.port ?? 0);
			return answer(answered, request);
		},
	});
	scope.defer(() => server.stop(true));
	const users = await runUsers(scope, {
		port: server.port ?? 0,
		asks: [valuationAsk()],
		order: [0],
		users: [{ Authorization: "Bearer one" }, { Authorization: "Bearer two" }],
		everyMs: 1,
		seed: 1,
	});
	await eventually(() => answered >= times, 10_000);
	const { columns } = await users.stop();
	return { asked: askedOf(columns), answered: () => answered, callers };
}

describe("the load generator", () => {
	test("counts every request once, over one connection a user, each with its own sign-in", async () => {
		const seen = new Set<string | null>();
		const { asked, answered, callers } = await askUntil(50, (_, request) => {
			seen.add(request.headers.get("Authorization"));
			return Response.json(valuationOf(FLAT), { headers: HIT });
		});
		expect(asked).toHaveLength(answered());
		expect(asked.every(({ outcome }) => outcome === "hit")).toBe(true);
		expect(callers.size).toBe(2);
		expect(seen).toEqual(new Set(["Bearer one", "Bearer two"]));
	}, 20_000);

	test("tells what went wrong, and goes on over a new connection after one that was closed", async () => {
		const { asked, callers } = await askUntil(60, (number) => {
			if (number % 10 === 1) return new Response("no", { status: 500 });
			if (number % 10 === 2) return Response.json(valuationOf({ ...FLAT, area: "Arjan" }));
			const headers = { ...HIT, ...(number % 10 === 3 && { Connection: "close" }) };
			return Response.json(valuationOf(FLAT), { headers });
		});
		const count = (outcome: string) => asked.filter((one) => one.outcome === outcome).length;
		expect(count("status 500")).toBeGreaterThanOrEqual(6);
		expect(count("wrong body")).toBeGreaterThanOrEqual(6);
		expect(count("hit") + count("status 500") + count("wrong body")).toBe(asked.length);
		expect(callers.size).toBeGreaterThan(2);
	}, 20_000);

	test("does not hide that a server went away", async () => {
		let greeted = 0;
		const server = Bun.listen({
			hostname: "127.0.0.1",
			port: 0,
			socket: {
				data(socket) {
					greeted += 1;
					socket.end();
				},
			},
		});
		scope.defer(() => server.stop(true));
		const users = await runUsers(scope, {
			port: server.port,
			asks: [valuationAsk()],
			order: [0],
			users: [{}],
			everyMs: 5,
			seed: 1,
		});
		await eventually(() => greeted >= 3, 10_000);
		server.stop(true);
		const asked = askedOf((await users.stop()).columns);
		expect(asked.filter(({ outcome }) => outcome === "hung up").length).toBeGreaterThanOrEqual(3);
		expect(asked.some(({ outcome }) => outcome === "hit")).toBe(false);
	}, 20_000);
});
