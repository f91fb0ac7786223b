import { Redis } from "ioredis";

/** An HTTP front before a real redis-server, speaking the REST protocol of Upstash as far as its documentation tells. */
export interface RedisHttpFront {
	readonly url: string;
	readonly token: string;
	/** Requests that came. */
	readonly asked: number;
	close(): Promise<void>;
}

export async function startRedisHttp(redis: {
	port: number;
	password?: string | undefined;
}): Promise<RedisHttpFront> {
	const token = "a-token-of-the-tests";
	const { port, password } = redis;
	const client = new Redis({
		host: "127.0.0.1",
		port,
		maxRetriesPerRequest: 0,
		...(password && { password }),
	});
	client.on("error", () => {});
	let asked = 0;

	async function run(command: readonly unknown[], encode: boolean): Promise<[number, object]> {
		try {
			const [name, ...words] = command as [string, ...(string | Buffer)[]];
			return [200, { result: told(await client.callBuffer(name, words), encode) }];
		} catch (error) {
			return [400, { error: (error as Error).message }];
		}
	}

	const server = Bun.serve({
		port: 0,
		hostname: "127.0.0.1",
		async fetch(request) {
			asked += 1;
			if (request.headers.get("Authorization") !== `Bearer ${token}`) {
				return Response.json({ error: "WRONGPASS invalid or missing auth token" }, { status: 401 });
			}
			const encode = request.headers.get("Upstash-Encoding") === "base64";
			const { pathname, searchParams } = new URL(request.url);
			if (pathname === "/pipeline") {
				const commands = (await request.json()) as unknown[][];
				return Response.json(await Promise.all(commands.map(async (one) => (await run(one, encode))[1])));
			}
			const body = Buffer.from(await request.arrayBuffer());
			const words =
				pathname === "/"
					? (JSON.parse(body.toString()) as unknown[])
					: [...pathname.slice(1).split("/").map(decodeURIComponent), body, ...[...searchParams].flat()];
			const [status, reply] = await run(words, encode);
			return Response.json(reply, { status });
		},
	});
	return {
		url: `http://127.0.0.1:${server.port}`,
		token,
		get asked() {
			return asked;
		},
		async close() {
			await server.stop(true);
			client.disconnect();
		},
	};
}

function told(reply: unknown, encode: boolean): unknown {
	if (Array.isArray(reply)) return reply.map((one) => told(one, encode));
	if (!Buffer.isBuffer(reply)) return reply;
	const text = reply.toString();
	return encode && text !== "OK" ? reply.toString("base64") : text;
}
