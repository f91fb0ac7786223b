/**
 * `bun run test:postgres`: the service behind pgbouncer in transaction mode, and while its database is killed and frozen under load.
 * Prints what callers saw. Needs pgbouncer and redis-server (installed as root on Debian). Exit code 1 when something is not as
 * promised.
 */
import type { Scope } from "../src/cli/dev/scope.ts";
import { conclude } from "./findings.ts";
import { createAsking } from "./postgres/asking.ts";
import { type Loss, lossFindings } from "./postgres/lost.ts";
import { pooledFindings } from "./postgres/pooled.ts";
import { ensurePooler } from "./postgres/pooler.ts";
import { ensureRedisServer } from "./redis-server.ts";
import { runScript } from "./run.ts";
import { prepareGround } from "./system/ground.ts";

async function main(scope: Scope): Promise<number> {
	ensurePooler();
	ensureRedisServer();
	const ground = await prepareGround(scope);
	const { postgres } = ground;
	const asking = await createAsking(ground);
	const lost = (loss: Loss) => scope.race(lossFindings(scope, ground, asking, loss));
	const findings = [
		...(await scope.race(pooledFindings(scope, ground, asking))),
		...(await lost({
			how: "killed",
			noticedMs: 1_000,
			lose: postgres.kill,
			bringBack: postgres.start,
		})),
		...(await lost({
			how: "frozen",
			// A second without an answer is suspect, and for another one it is asked.
			noticedMs: 2_500,
			lose: postgres.freeze,
			bringBack: postgres.thaw,
		})),
	];
	return conclude("postgres", findings);
}

await runScript(main);
