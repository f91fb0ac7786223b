import { describe, expect, test } from "bun:test";
import type { Ask } from "../../scripts/load/asks.ts";
import { createJudge } from "../../scripts/load/judge.ts";
import { batchAsk, FLAT, listAsk, valuationAsk, valuationOf } from "./answers.ts";

const HIT = ["Cache-Status: RetynAVM;hit;ttl=12"];

function outcome(ask: Ask, body: unknown, headers: string[] = HIT, status = "200 OK"): string {
	const text = JSON.stringify(body);
	const head = [`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(text)}`, ...headers].join("\r\n");
	return createJudge().outcome(ask, head, Buffer.from(`${head}\r\n\r\n${text}`));
}

describe("the judge of answers", () => {
	test("tells hits, stale hits, and answers that were worked out, with what became of them", () => {
		const from = (status: string) => outcome(listAsk(), ["Arjan"], [`Cache-Status: RetynAVM;${status}`]);
		expect(from("hit;ttl=12")).toBe("hit");
		expect(from("hit;ttl=-3")).toBe("stale");
		expect(from("fwd=uri-miss;stored")).toBe("stored");
		expect(from("fwd=miss;detail=store-failed")).toBe("fresh");
	});

	test("believes no answer that is about something else, or about nothing", () => {
		expect(outcome(valuationAsk(), valuationOf(FLAT))).toBe("hit");
		expect(outcome(valuationAsk(), valuationOf({ ...FLAT, size_sqm: 71 }))).toBe("wrong body");
		expect(outcome(valuationAsk(), valuationOf({ ...FLAT, area: "Arjan" }))).toBe("wrong body");
		expect(outcome(valuationAsk(), {})).toBe("wrong body");
		expect(outcome(listAsk(), [])).toBe("wrong body");
		expect(outcome(batchAsk(), { results: [valuationOf(FLAT)] })).toBe("wrong body");
		expect(outcome(batchAsk(), { results: [valuationOf(FLAT), valuationOf(FLAT)] }, [])).toBe("fresh");
	});

	test("looks again at an answer that differs from the one that was right", () => {
		const judge = createJudge();
		const ask = valuationAsk();
		const judged = (body: unknown) => {
			const text = JSON.stringify(body);
			const head = `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n${HIT[0]}`;
			return judge.outcome(ask, head, Buffer.from(`${head}\r\n\r\n${text}`));
		};
		expect(judged(valuationOf(FLAT))).toBe("hit");
		expect(judged(valuationOf(FLAT))).toBe("hit");
		expect(judged(valuationOf({ ...FLAT, area: "Arjan" }))).toBe("wrong body");
	});

	test("takes a 503 for a refusal only if the service itself said it, and when to come again", () => {
		const refused = ["X-Request-Id: 1", "Retry-After: 5"];
		expect(outcome(valuationAsk(), {}, refused, "503 Service Unavailable")).toBe("refused");
		expect(outcome(valuationAsk(), {}, ["X-Request-Id: 1"], "503 Service Unavailable")).toBe("status 503");
		expect(outcome(valuationAsk(), {}, ["Retry-After: 1"], "503 Service Unavailable")).toBe("status 503");
		expect(outcome(valuationAsk(), {}, refused, "500 Internal Server Error")).toBe("status 500");
	});

	test("takes a list of properties for refused in which one could not be valued for want of the database", () => {
		const missing = { problem: { type: "urn:retyn:problem:unavailable", status: 503 } };
		expect(outcome(batchAsk(), { results: [valuationOf(FLAT), missing] }, [])).toBe("refused");
	});

	test("accepts too little evidence for a property that nobody asked for before, and for no other", () => {
		const rare = { type: "urn:retyn:problem:insufficient-evidence" };
		expect(outcome(valuationAsk("variant"), rare, [], "422 Unprocessable Content")).toBe("fresh");
		expect(outcome(valuationAsk(), rare, [], "422 Unprocessable Content")).toBe("status 422");
	});
});
