import type { Redis } from "ioredis";
import type { CacheStore } from "../store.ts";
import { createRedisStore } from "./redis.ts";
import { type RedisHttpAddress, type RedisWord, redisOverHttp } from "./redis-http-link.ts";
import { createHttpScript } from "./redis-http-script.ts";

/**
 * Keeps entries in the same Redis as everybody else, under the same keys and by the same scripts, asked over HTTP: for
 * platforms where a connection does not outlive its request. What an instance at the origin purges is gone here too.
 */
export function createRedisHttpStore(address: RedisHttpAddress): CacheStore {
	return createRedisStore({ client: clientOver(address) as unknown as Redis });
}

/** As much of ioredis as the store uses. Nothing is queued, and there is no connection to tell of. */
function clientOver(address: RedisHttpAddress) {
	const link = redisOverHttp(address);
	const bytes = (...command: RedisWord[]) => link.ask(command) as Promise<Buffer | null>;
	const number = (...command: RedisWord[]) => link.ask(command) as Promise<number>;
	const text = async (...command: RedisWord[]) => asText(await link.ask(command));

	const client: Record<string, unknown> = {
		isCluster: false,
		on: () => client,
		getBuffer: (key: string) => bytes("GET", key),
		mgetBuffer: (keys: readonly string[]) => link.ask(["MGET", ...keys]),
		pttl: (key: string) => number("PTTL", key),
		unlink: (key: string) => number("UNLINK", key),
		set: (key: string, value: RedisWord | Uint8Array, ...options: RedisWord[]) =>
			value instanceof Uint8Array
				? link.send(["SET", key], value, options)
				: text("SET", key, value, ...options),
		info: (...sections: string[]) => text("INFO", ...sections),
		dbsize: () => number("DBSIZE"),
		async scan(...words: RedisWord[]) {
			const [next, keys] = (await link.ask(["SCAN", ...words])) as [Buffer, Buffer[]];
			return [next.toString(), keys.map(String)];
		},
		defineCommand(name: string, { lua }: { lua: string }) {
			client[`${name}Buffer`] = createHttpScript(link, lua);
		},
		pipeline() {
			const commands: RedisWord[][] = [];
			const add = (word: string) =>
				function queued(...words: RedisWord[]) {
					commands.push([word, ...words]);
					return pipeline;
				};
			const pipeline = {
				strlen: add("STRLEN"),
				getrangeBuffer: add("GETRANGE"),
				pttl: add("PTTL"),
				exec: () => link.askAll(commands),
			};
			return pipeline;
		},
	};
	return client;
}

function asText(reply: unknown): unknown {
	return Buffer.isBuffer(reply) ? reply.toString() : reply;
}
