import { afterEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectRedis, openRedisBackend, type RedisAddress } from "../../src/cache/redis.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { cleaner } from "./support/cleaner.ts";
import { eventually } from "./support/eventually.ts";
import { freePort } from "./support/ports.ts";
import { createTestRedis } from "./support/redis.ts";

const cleanUp = cleaner();
afterEach(() => cleanUp.run());

function open(address: RedisAddress) {
	const backend = openRedisBackend({
		redis: address,
		memoryBytes: 1024 * 1024,
		clock: Date.now,
		deadlineMs: 1_000,
	});
	cleanUp.later(() => backend.close());
	return backend;
}

describe("over TLS", () => {
	/** A server for 127.0.0.1 with a certificate that vouches for itself; nothing is spoken in the clear. */
	async function secured(): Promise<RedisAddress & { tls: { ca: string } }> {
		const folder = mkdtempSync(join(tmpdir(), "retyn-tls-"));
		const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
		const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
		const subject = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"];
		const { status } = spawnSync("openssl", [...request, ...subject, "-keyout", key, "-out", certificate]);
		expect(status).toBe(0);
		const port = await freePort();
		const files = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate];
		const redis = await createTestRedis({
			args: ["--tls-port", String(port), "--tls-auth-clients", "no", ...files],
		});
		cleanUp.later(
			() => rmSync(folder, { recursive: true, force: true }),
			() => redis.stop(),
		);
		return { host: "127.0.0.1", port, tls: { ca: readFileSync(certificate, "utf8") } };
	}

	test("answers are shared, and purges told", async () => {
		const address = await secured();
		const [one, two] = [open(address), open(address)];
		await eventually(() => one.bus.connected && two.bus.connected);
		await one.store.set("areas:a", bytes("x"), 60_000);
		expect(await textAt(two.store, "areas:a")).toBe("x");
		await one.store.coordination?.evict("areas:a");
		await eventually(async () => expect(await two.store.get("areas:a")).toBeUndefined());
	});

	test("a server for which nobody vouches is not spoken to", async () => {
		const { ca: _, ...tls } = (await secured()).tls;
		const address = await secured();
		const failures: string[] = [];
		const client = connectRedis({ ...address, tls, onFailed: ({ message }) => failures.push(message) });
		cleanUp.later(() => client.disconnect());
		await eventually(() => failures.length > 0);
		expect(failures.join()).toMatch(/certificate/i);
		expect(client.status).not.toBe("ready");
	});
});
