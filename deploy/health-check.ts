/**
 * Is the server of this container alive? Exit code 0 for yes, 1 for no, as HEALTHCHECK wants it. The image has no
 * curl and no shell; Bun is there anyway. It does not ask whether the server is ready: a database that is away is no reason
 * to restart what still answers from its cache.
 */
const port = process.env["PORT"] || "8000";

const alive = await fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(2_000) }).then(
	(response) => response.ok,
	() => false,
);
process.exit(alive ? 0 : 1);

export {};
