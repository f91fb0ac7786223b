import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { createSigner } from "../../src/cache/signature.ts";

describe("a signature", () => {
	const signer = createSigner(["new key", "old key"]);

	test("is HMAC-SHA256 over the parts, each with its length, in base64url", () => {
		const expected = createHmac("sha256", "new key").update("3:bus5:\u{1F3E0}x").digest("base64url");
		expect(signer.sign("bus", "\u{1F3E0}x")).toBe(expected);
		expect(expected).toHaveLength(43);
	});

	test("is the same for text and for its bytes", () => {
		expect(signer.sign("bus", Buffer.from("ab"))).toBe(signer.sign("bus", "ab"));
	});

	test("holds for exactly these parts", () => {
		const signature = signer.sign("bus", "ab", "c");
		expect(signer.verify(signature, "bus", "ab", "c")).toBe(true);
		for (const parts of [
			["bus", "a", "bc"],
			["bus", "abc"],
			["bus", "ab", "c", ""],
			["ab", "bus", "c"],
			[],
		]) {
			expect(signer.verify(signature, ...parts)).toBe(false);
		}
	});

	test("is made with the first key and accepted from any", () => {
		const old = createSigner(["old key"]);
		expect(signer.verify(old.sign("x"), "x")).toBe(true);
		expect(old.verify(signer.sign("x"), "x")).toBe(false);
	});

	test("has one written form", () => {
		const signature = signer.sign("x");
		const others = [
			"",
			"=",
			`${signature}=`,
			`${signature} `,
			signature.slice(0, -1),
			signature.toUpperCase(),
		];
		// The last character stands for four bits: three others of them mean the same bytes.
		const last = signature.charCodeAt(42);
		others.push(...[1, 2, 3].map((step) => signature.slice(0, -1) + String.fromCharCode(last ^ step)));
		others.push("é".repeat(43), "\0".repeat(43));
		for (const other of others) expect(signer.verify(other, "x")).toBe(false);
	});

	test("needs keys that are not empty", () => {
		expect(() => createSigner([])).toThrow(TypeError);
		expect(() => createSigner(["key", ""])).toThrow(TypeError);
	});
});
