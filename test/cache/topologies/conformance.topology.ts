import { openRedisBackend } from "../../../src/cache/redis.ts";
import { storeConformance } from "../conformance.ts";
import { eventually } from "../support/eventually.ts";
import { clusterTopology, sentinelTopology, using } from "./topology.ts";

/** For what is not about a slow store. */
const PATIENT_MS = 2_000;

for (const [kind, make] of [
	["Sentinel", sentinelTopology],
	["Cluster", clusterTopology],
] as const) {
	storeConformance(`redis on ${kind}, behind all that production puts before it`, async () => {
		const topology = await make();
		const backend = openRedisBackend({
			redis: topology.address,
			memoryBytes: 0,
			clock: Date.now,
			deadlineMs: PATIENT_MS,
		});
		await eventually(() => backend.connected, 20_000);
		return {
			store: backend.store,
			pass: (ms) => Bun.sleep(ms),
			async loseMark(tag) {
				const { port } = await topology.primaryOf(`tag:${tag}`);
				await using(port, (client) => client.del(`tag:${tag}`));
			},
			async close() {
				await backend.close();
				await topology.stop();
			},
		};
	});
}
