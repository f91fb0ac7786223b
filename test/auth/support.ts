import { drizzle } from "drizzle-orm/postgres-js";
import { Hono } from "hono";
import type { Database, DatabaseHandle } from "../../db/client.ts";
import { insertUser, type Role, type UserRow } from "../../db/queries/identity.ts";
import * as schema from "../../db/schema/index.ts";
import { type AuthDeps, createAuth } from "../../src/auth/index.ts";
import type { Config } from "../../src/config.ts";
import type { AppEnv } from "../../src/http/env.ts";
import { answerError } from "../../src/http/errors.ts";
import { type Logger, silentLogger } from "../../src/lib/logger.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { quickPasswords } from "../support/passwords.ts";

export const PASSWORD = "correct horse battery staple";
export const ORIGIN = "https://avm.example";

export const authConfig: Config["auth"] = {
	jwtSecret: "a-secret-of-the-tests-0123456789-abcdef",
	jwtIssuer: "retyn-avm",
	jwtAudience: "retyn-avm-api",
	jwtTtlS: 900,
	sessionTtlS: 12 * 3600,
	cookieSecure: true,
	loginAttemptsPerMinute: 5,
};

type TestAuthOptions = Partial<Omit<AuthDeps, "db" | "config">> & { config?: Partial<Config["auth"]> };

/** An application of nothing but authentication, and one protected resource of each kind. */
export function createTestAuth(db: Database, options: TestAuthOptions = {}) {
	const clock = options.clock ?? createTestClock();
	const logger = options.logger ?? silentLogger;
	const auth = createAuth({
		logger,
		passwords: quickPasswords,
		trustProxy: false,
		clientAddress: () => "192.0.2.7",
		...options,
		db,
		clock,
		config: { ...authConfig, ...options.config },
	});
	const app = new Hono<AppEnv>();
	app.use(async (c, next) => {
		c.set("requestId", "test");
		c.set("logger", logger);
		await next();
	});
	app.onError(answerError);
	app.route("/api/auth", auth.routes);
	app.all("/thing", auth.requireCaller, (c) => c.json(c.get("caller")));
	app.get("/admin", auth.requireAdmin, (c) => c.json(c.get("caller")));

	const request = (path: string, init?: RequestInit) => app.request(`${ORIGIN}${path}`, init);
	const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
		request(path, {
			method: "POST",
			headers: { "content-type": "application/json", ...headers },
			body: typeof body === "string" ? body : JSON.stringify(body),
		});
	const withCookie = (cookie: string) => request("/thing", { headers: { cookie } });
	const withToken = (token: string) => request("/thing", { headers: { authorization: `Bearer ${token}` } });

	return {
		auth,
		app,
		request,
		post,
		withCookie,
		withToken,
		login: (email: string, password = PASSWORD) => post("/api/auth/login", { email, password }),
		/** Signs in and gives back what a browser would send from then on. */
		async cookieOf(email: string): Promise<string> {
			const response = await post("/api/auth/login", { email, password: PASSWORD });
			if (!response.ok) throw new Error(`signing in gave ${response.status}: ${await response.text()}`);
			return response.headers.get("set-cookie")?.split(";")[0] ?? "";
		},
		async tokenOf(email: string): Promise<string> {
			const response = await post("/api/auth/token", { email, password: PASSWORD });
			if (!response.ok) throw new Error(`getting a token gave ${response.status}: ${await response.text()}`);
			const body: { access_token: string } = await response.json();
			return body.access_token;
		},
	};
}

let users = 0;

/** A user of its own for one test, with `PASSWORD`. */
export async function addUser(db: Database, role: Role = "user"): Promise<UserRow> {
	const passwordHash = await quickPasswords.hash(PASSWORD);
	const user = await insertUser(db, { email: `person-${++users}@example.com`, passwordHash, role });
	if (!user) throw new Error("the e-mail is taken");
	return user;
}

/** The database of a handle, counting the statements that are sent to it. */
export function counting({ sql }: DatabaseHandle): { db: Database; statements: () => number } {
	let sent = 0;
	const logger = {
		logQuery() {
			sent++;
		},
	};
	return { db: drizzle(sql, { schema, casing: "snake_case", logger }), statements: () => sent };
}

interface LogLine {
	level: string;
	fields: object;
	message: string;
}

export function recordingLogger(): Logger & { lines: LogLine[] } {
	const lines: LogLine[] = [];
	const at = (level: string) => (fields: object, message: string) =>
		void lines.push({ level, fields, message });
	return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
