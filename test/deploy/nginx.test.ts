import { describe, expect, test } from "bun:test";
import { projectFile } from "./files.ts";

const nginx = withoutComments("deploy/nginx/nginx.conf");
const upstream = withoutComments("deploy/nginx/upstream.conf");

function withoutComments(file: string): string {
	return projectFile(file).replaceAll(/^\s*#.*$/gm, "");
}

/** The number that a directive is given; every one of its uses has the same. */
function directive(text: string, name: string): number {
	const values = [...text.matchAll(new RegExp(`^\\s*${name} (\\d+)`, "gm"))].map(([, value]) =>
		Number(value),
	);
	expect(new Set(values).size).toBe(1);
	return values[0] ?? Number.NaN;
}

/** A constant of the service: `NAME = 15_000;` */
function constant(file: string, pattern: RegExp): number {
	const [, text = ""] = pattern.exec(projectFile(file)) ?? [];
	expect(text).not.toBe("");
	return text.split("*").reduce((product, factor) => product * Number(factor.replaceAll("_", "")), 1);
}

describe("nginx in front of the instances", () => {
	test("outlasts the longest answer, and lets the service say itself that a body is too large", () => {
		const answerMs = constant("src/app.ts", /REQUEST_TIMEOUT_MS = ([\d_ *]+);/);
		expect(directive(nginx, "proxy_read_timeout") * 1_000).toBeGreaterThan(answerMs);
		const bodyBytes = constant("src/app.ts", /"\/api\/property\/valuations": ([\d_ *]+) \}/);
		expect(directive(nginx, "client_max_body_size") * 1_024).toBeGreaterThan(bodyBytes);
		expect(directive(nginx, "client_body_buffer_size")).toBe(directive(nginx, "client_max_body_size"));
	});

	test("ends idle connections to an instance before the instance does", () => {
		const idleS = constant("src/server/listen.ts", /IDLE_S = ([\d_]+);/);
		expect(directive(upstream, "keepalive_timeout")).toBeLessThan(idleS);
	});

	test("asks again of another instance, for POST only where nothing is changed, and never because of a 503", () => {
		const rules = [...nginx.matchAll(/proxy_next_upstream ([^;]+);/g)].map(([, rule]) => rule);
		expect(rules).toEqual(["error timeout", "error timeout non_idempotent"]);
		const [, property = ""] = /location \/api\/property\/ \{([^}]*)\}/.exec(nginx) ?? [];
		expect(property).toContain("non_idempotent");
	});

	test("writes the caller's address instead of passing on what the caller says of it", () => {
		expect(nginx).toContain("proxy_set_header X-Forwarded-For $remote_addr;");
		expect(nginx).not.toContain("proxy_add_x_forwarded_for");
		expect(nginx).toContain("proxy_set_header X-Forwarded-Proto $callers_scheme;");
		// What listen.conf sets counts, so it comes later.
		expect(nginx).toMatch(/set \$callers_scheme \$scheme;\s+include listen\.conf;/);
	});

	test("keeps no answers", () => {
		expect(nginx).not.toContain("proxy_cache_path");
		expect(nginx).toContain("proxy_cache off;");
	});
});
