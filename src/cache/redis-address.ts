/** Where a server listens. */
export interface RedisNode {
	host: string;
	port: number;
}

/** A server, or the one that Sentinels name as primary. */
export interface RedisServerAddress extends RedisNode {
	/** A user of Redis' access control lists; without one it is `default`. */
	username?: string | undefined;
	password?: string | undefined;
	/** Speaks TLS, with Sentinels and nodes of a cluster too. `ca`: who vouches for the servers, as PEM, instead of the system's list. */
	tls?: { ca?: string | undefined } | undefined;
	/** Ask these who the primary is; `host` and `port` then mean nothing. */
	sentinel?: RedisSentinels | undefined;
	/** Upper bound on any one command, a backstop behind the request's own deadline. Default 1,000. */
	commandTimeoutMs?: number;
}

export interface RedisSentinels {
	nodes: readonly RedisNode[];
	/** The name under which they watch the primary. */
	primary: string;
	/** What the Sentinels themselves ask for. */
	username?: string | undefined;
	password?: string | undefined;
}

export interface RedisAddress extends RedisServerAddress {
	/** Some nodes of a cluster, which name the others; `host` and `port` then mean nothing. */
	cluster?: readonly RedisNode[] | undefined;
}

/** What every connection needs beside an address. */
export function credentialsOf({ username, password, tls }: RedisServerAddress) {
	return {
		...(username ? { username } : {}),
		...(password ? { password } : {}),
		...(tls ? { tls: tlsOptions(tls) } : {}),
	};
}

export function tlsOptions({ ca }: NonNullable<RedisServerAddress["tls"]>): { ca?: string } {
	return ca === undefined ? {} : { ca };
}
