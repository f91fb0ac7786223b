import type { Scope } from "../../src/cli/dev/scope.ts";
import type { Finding } from "../findings.ts";
import { type Image, runContainer, startContainer } from "./container.ts";
import { startServer } from "./server.ts";

type Environment = Readonly<Record<string, string>>;

export interface UseDeps {
	/** How many entries Redis holds. */
	entries(): Promise<number>;
	/** Fills the database, once it has its schema. */
	fill(): Promise<unknown>;
}

const EMAIL = "operator@example.com";
/** What is sold in the made-up market. */
const FLAT = { property_type: "Flat", area: "Business Bay", size_sqm: 87 };
/** Docker and Kubernetes kill what has not ended by then. */
const STOP_WITHIN_MS = 10_000;

/** Somebody takes the image into use: the commands of docs/deployment.md, and a server that is asked for a value. */
export async function useFindings(
	scope: Scope,
	image: Image,
	env: Environment,
	{ entries, fill }: UseDeps,
): Promise<Finding[]> {
	const run = (command: readonly string[], more: Environment = {}) =>
		runContainer(scope, image, command, { ...env, ...more });
	const check = image.config.healthCheck.slice(image.config.entrypoint.length);
	const health = () => scope.race(startContainer(scope, image, check, env).ended);

	const migrated = await run(["cli/migrate.js"]);
	await scope.race(fill());
	const added = await run(["cli/user.js", "add", EMAIL, "--role", "admin", "--generate"]);
	const [, password = ""] = /^Password, shown this once: (\S+)$/m.exec(added) ?? [];
	const before = await health();
	const server = await startServer(scope, image, env);
	const during = await health();
	const token = await signIn(server.origin, password);
	const answers = [await askValue(server.origin, token), await askValue(server.origin, token)];
	const kept = await entries();
	const stats = await run(["cli/cache.js", "stats", "--json"], { RETYN_TOKEN: token });
	const { end, ms } = await server.stop();
	console.log(`It ended with ${end}, ${Math.round(ms)} ms after SIGTERM.`);

	const [made = "", again = ""] = answers;
	const cached = made.startsWith("200") && !/;\s*hit/.test(made) && /^200.*;\s*hit/.test(again);
	return [
		finding("cli/migrate.js brings the schema up to date", migrated.includes("up to date"), migrated),
		finding("cli/user.js adds a user who can sign in", token !== "", added),
		finding("the health check fails while nothing serves", before === "1", `ended with ${before}`),
		finding("the health check passes while it serves", during === "0", `ended with ${during}`),
		finding("a value is worked out, then comes from the cache", cached, answers.join(", then ")),
		finding("answers are kept in Redis", kept > 0, "Redis is empty"),
		finding("cli/cache.js asks the server", Array.isArray(JSON.parse(stats).instances), stats),
		finding("SIGTERM ends it with 0 within 10 s", end === "0" && ms < STOP_WITHIN_MS, `${end}, ${ms} ms`),
	];
}

/** A token, or nothing. */
async function signIn(origin: string, password: string): Promise<string> {
	const response = await post(`${origin}/api/auth/token`, { email: EMAIL, password });
	const body: { access_token?: string } = await response.json();
	return body.access_token ?? "";
}

/** The status, and what became of it in the cache. */
async function askValue(origin: string, token: string): Promise<string> {
	const response = await post(`${origin}/api/property/valuation`, FLAT, { Authorization: `Bearer ${token}` });
	await response.arrayBuffer();
	return `${response.status} ${response.headers.get("Cache-Status") ?? ""}`;
}

function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
	return fetch(url, {
		method: "POST",
		headers: { ...headers, "Content-Type": "application/json" },
		body: JSON.stringify(body),
	});
}

function finding(what: string, isSo: boolean, seen: string): Finding {
	return { what, checked: 1, problems: isSo ? [] : [seen.trim()] };
}
