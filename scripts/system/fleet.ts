import type { Scope } from "../../src/cli/dev/scope.ts";
import type { Ground } from "./ground.ts";
import { type Instance, startInstance } from "./instance.ts";
import { type Nginx, startNginx } from "./nginx.ts";

/** Instances of the service, and nginx in front of them. */
export interface Fleet {
	readonly instances: readonly Instance[];
	readonly nginx: Nginx;
	stop(): Promise<void>;
}

/** Starts them; they end with the scope, or before. */
export async function startFleet(
	scope: Scope,
	ground: Ground,
	{ instances: count, settings = {} }: { instances: number; settings?: Readonly<Record<string, string>> },
): Promise<Fleet> {
	const instances: Instance[] = [];
	while (instances.length < count) {
		const name = `instance ${instances.length + 1}`;
		instances.push(await startInstance(scope, ground, name, { TRUST_PROXY: "true", ...settings }));
	}
	const nginx = await startNginx(
		scope,
		instances.map(({ port }) => port),
	);
	return {
		instances,
		nginx,
		async stop() {
			await nginx.stop();
			await Promise.all(instances.map((instance) => instance.stop()));
		},
	};
}
