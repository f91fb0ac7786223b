import { createTestApp, type TestApp, type TestAppOptions } from "../support/app.ts";

export interface AdminApp extends TestApp {
	readonly admin: string;
	/** Asks as an administrator. */
	ask(path: string): Promise<Response>;
	/** Posts as an administrator. */
	tell(path: string, body: unknown): Promise<Response>;
}

/** The whole application, and an administrator. Paths are those below `/api/admin`. */
export async function createAdminApp(options: TestAppOptions): Promise<AdminApp> {
	const test = await createTestApp(options);
	const admin = await test.signUp("admin");
	return {
		...test,
		admin,
		ask: (path) => test.get(`/api/admin/${path}`, admin),
		tell: (path, body) => test.post(`/api/admin/${path}`, body, { token: admin }),
	};
}

/** A flat that the small market knows enough about. */
export const FLAT = { property_type: "Flat", area: "Business Bay", size_sqm: 70, bedrooms: "1" };

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
export async function bodyOf(response: Response | Promise<Response>): Promise<any> {
	return (await response).json();
}
