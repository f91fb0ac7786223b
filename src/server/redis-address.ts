import { readFileSync } from "node:fs";
import type { RedisAddress, RedisNode } from "../cache/redis.ts";
import { type Config, ConfigError } from "../config.ts";

/** Reads the file that the configuration names. @throws {ConfigError} when it cannot be read, or is no PEM */
export function redisAddress({ tls, ...redis }: Config["redis"]): RedisAddress {
	return {
		...redis,
		tls: tls && { ca: tls.caFile === undefined ? undefined : readCertificates(tls.caFile) },
	};
}

function readCertificates(path: string): string {
	let text = "";
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		throw new ConfigError(`The configuration is not usable:\n  REDIS_TLS_CA cannot be read: ${code}`);
	}
	if (!text.includes("-----BEGIN CERTIFICATE-----")) {
		throw new ConfigError("The configuration is not usable:\n  REDIS_TLS_CA has no certificate in it (PEM)");
	}
	return text;
}

/** For a log: what it is connected to, without secrets. */
export function describeAddress({ host, port, sentinel, cluster, tls }: Config["redis"]) {
	const secured = tls ? { tls: true } : {};
	if (cluster) return { cluster: listed(cluster), ...secured };
	if (sentinel) return { sentinels: listed(sentinel.nodes), primary: sentinel.primary, ...secured };
	return { host, port, ...secured };
}

function listed(nodes: readonly RedisNode[]): string {
	return nodes
		.map(({ host, port }) => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`))
		.join(",");
}
