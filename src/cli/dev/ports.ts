import { createServer } from "node:net";

/** A TCP port of the loopback address that was free a moment ago. */
export function freePort(): Promise<number> {
	return tryListening(0, "127.0.0.1");
}

export async function isFree(port: number): Promise<boolean> {
	return (await listeningFault(port, "127.0.0.1")) === undefined;
}

/** The system's word for why nobody can listen there, `EADDRINUSE` for example; none when it is possible. */
export async function listeningFault(port: number, host: string): Promise<string | undefined> {
	return tryListening(port, host).then(
		() => undefined,
		(error) => String(error.code ?? error),
	);
}

function tryListening(port: number, host: string): Promise<number> {
	return new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once("error", reject);
		probe.listen({ port, host, exclusive: true }, () => {
			const address = probe.address();
			probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
		});
	});
}
