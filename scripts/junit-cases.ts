export interface TestCase {
	/** Its own name, without those of the suites around it. */
	name: string;
	/** Path of the test file from the project's root. */
	file: string;
	outcome: Outcome;
}

export type Outcome = "passed" | "failed" | "skipped";

/** Quoted attribute values may hold `>`; whatever a test printed is escaped or in a CDATA section. */
const CASE = /<testcase\b((?:[^>"']|"[^"]*"|'[^']*')*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;

/** The test cases of a JUnit report, in its order. */
export function casesIn(xml: string): TestCase[] {
	const cases = xml.replaceAll(/<!\[CDATA\[[\s\S]*?\]\]>/g, "").matchAll(CASE);
	return [...cases].map(([, attributes = "", body = ""]) => ({
		name: attribute(attributes, "name"),
		file: attribute(attributes, "file"),
		outcome: outcomeOf(body),
	}));
}

function outcomeOf(body: string): Outcome {
	if (/<(failure|error)\b/.test(body)) return "failed";
	return /<skipped\b/.test(body) ? "skipped" : "passed";
}

function attribute(attributes: string, name: string): string {
	const [, quoted = ""] = new RegExp(`\\s${name}=("[^"]*"|'[^']*')`).exec(attributes) ?? [];
	return unescaped(quoted.slice(1, -1));
}

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescaped(text: string): string {
	return text.replaceAll(/&(?:(lt|gt|quot|apos|amp)|#(\d+)|#x([\da-f]+));/gi, (_all, entity, decimal, hex) =>
		entity
			? (ENTITIES[entity] ?? "")
			: String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
	);
}
