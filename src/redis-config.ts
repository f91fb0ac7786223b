import { z } from "zod";

const NODES = "must be addresses host:port with commas between, [host]:port for IPv6";

/** "host:port,[::1]:port" */
export const nodeList = z.string().transform((list, context) => {
	const nodes = list.split(",").map((text) => nodeFrom(text.trim()));
	const known = nodes.filter((node) => node !== undefined);
	if (known.length === nodes.length) return known;
	context.addIssue({ code: "custom", message: NODES });
	return z.NEVER;
});

interface Node {
	host: string;
	port: number;
}

function nodeFrom(text: string): Node | undefined {
	const match = /^(?:\[([\da-fA-F:.]+)\]|([^\s:[\]/@]+)):(\d{1,5})$/.exec(text);
	const [host, port] = [match?.[1] ?? match?.[2], Number(match?.[3])];
	return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

export interface RedisVariables {
	REDIS_ENABLED?: boolean | undefined;
	REDIS_HOST: string;
	REDIS_PORT: number;
	REDIS_USERNAME?: string | undefined;
	REDIS_PASSWORD?: string | undefined;
	REDIS_TLS: boolean;
	REDIS_TLS_CA?: string | undefined;
	REDIS_SENTINELS?: Node[] | undefined;
	REDIS_MASTER_NAME?: string | undefined;
	REDIS_SENTINEL_USERNAME?: string | undefined;
	REDIS_SENTINEL_PASSWORD?: string | undefined;
	REDIS_CLUSTER_NODES?: Node[] | undefined;
}

/** Each variable that does not go together with the others, and what is wrong with it. */
export function redisProblems(env: RedisVariables): [name: keyof RedisVariables, sentence: string][] {
	const problems: [keyof RedisVariables, string][] = [];
	for (const name of ["REDIS_SENTINELS", "REDIS_CLUSTER_NODES"] as const) {
		if (env[name] !== undefined && env.REDIS_ENABLED === undefined) {
			problems.push([name, "needs REDIS_ENABLED=true, or false if it is not to be used for now"]);
		}
	}
	if (env.REDIS_SENTINELS && env.REDIS_CLUSTER_NODES) {
		problems.push(["REDIS_CLUSTER_NODES", "cannot go together with REDIS_SENTINELS: it is one or the other"]);
	}
	if (env.REDIS_SENTINELS && env.REDIS_MASTER_NAME === undefined) {
		problems.push(["REDIS_MASTER_NAME", "is missing: the name under which the Sentinels know the primary"]);
	}
	for (const name of ["REDIS_MASTER_NAME", "REDIS_SENTINEL_USERNAME", "REDIS_SENTINEL_PASSWORD"] as const) {
		if (env[name] !== undefined && !env.REDIS_SENTINELS) {
			problems.push([name, "means nothing without REDIS_SENTINELS"]);
		}
	}
	for (const [name, password] of [
		["REDIS_USERNAME", "REDIS_PASSWORD"],
		["REDIS_SENTINEL_USERNAME", "REDIS_SENTINEL_PASSWORD"],
	] as const) {
		if (env[name] !== undefined && env[password] === undefined) problems.push([name, `needs ${password}`]);
	}
	if (env.REDIS_TLS_CA !== undefined && !env.REDIS_TLS) {
		problems.push(["REDIS_TLS_CA", "means nothing without REDIS_TLS=true"]);
	}
	return problems;
}

/** Where Redis is, in the words of the cache; only the file of certificates is yet to be read. */
export function describeRedis(env: RedisVariables) {
	return {
		enabled: env.REDIS_ENABLED ?? false,
		host: env.REDIS_HOST,
		port: env.REDIS_PORT,
		username: env.REDIS_USERNAME,
		password: env.REDIS_PASSWORD,
		/** `caFile`: path of the certificates, as PEM, that vouch for the servers. */
		tls: env.REDIS_TLS ? { caFile: env.REDIS_TLS_CA } : undefined,
		sentinel: env.REDIS_SENTINELS && {
			nodes: env.REDIS_SENTINELS,
			primary: env.REDIS_MASTER_NAME ?? "",
			username: env.REDIS_SENTINEL_USERNAME,
			password: env.REDIS_SENTINEL_PASSWORD,
		},
		cluster: env.REDIS_CLUSTER_NODES,
	};
}
