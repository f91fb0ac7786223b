/**
 * `bun run test:image` makes the file system of the image without Docker and runs it as a container would be run: nothing but
 * that as a read-only root, user 65532, no capabilities. It migrates, serves, answers a value with Redis, and stops. Exit code 1
 * when something is not as promised.
 */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { newSecret } from "../bench/market/accounts.ts";
import { openDatabase } from "../db/client.ts";
import type { Scope } from "../src/cli/dev/scope.ts";
import { conclude, type Finding } from "./findings.ts";
import { addBase } from "./image/base.ts";
import { buildImageFiles } from "./image/build.ts";
import { confinementFindings } from "./image/confinement.ts";
import { ensureBubblewrap, type Image } from "./image/container.ts";
import { folderBytes, loadedBytes } from "./image/sizes.ts";
import { measureStarts, startFindings, startsText } from "./image/starts.ts";
import { useFindings } from "./image/use.ts";
import { ensureRedisServer } from "./redis-server.ts";
import { runScript } from "./run.ts";
import { fillMarket } from "./system/market.ts";
import { steadyPort } from "./system/ports.ts";
import { startPostgres } from "./system/postgres.ts";
import { startBoundedRedis } from "./system/redis.ts";
import { temporaryFolder } from "./throw-away-postgres.ts";

const STARTS = 5;
/** What a server reads as it starts; a kilobyte is 1,000 bytes. */
const MOST_LOADED_BYTES = 1_000_000;

async function main(scope: Scope): Promise<number> {
	ensureBubblewrap();
	ensureRedisServer();
	const image = await buildImage(scope);
	const findings = [sizeFinding(image), ...(await confinementFindings(scope, image))];

	const postgres = await scope.race(startPostgres(scope, await temporaryFolder(scope)));
	const redis = await scope.race(startBoundedRedis(scope, "256mb"));
	const env = {
		HOST: "127.0.0.1",
		PORT: String(await steadyPort()),
		DATABASE_URL: postgres.url,
		JWT_SECRET: newSecret(),
		REDIS_ENABLED: "true",
		REDIS_PORT: String(redis.port),
		// For machines that do other things besides: a slow Redis must not pass for a lost one.
		CACHE_STORE_DEADLINE_MS: "1000",
	};
	const database = openDatabase({ url: postgres.url, max: 4, statementTimeoutMs: 0 });
	scope.defer(() => database.close());
	const deps = { fill: () => fillMarket(database, undefined), entries: () => redis.client.dbsize() };
	findings.push(...(await useFindings(scope, image, env, deps)));
	const starts = await measureStarts(scope, image, env, STARTS);
	findings.push(...startFindings(starts));

	console.log(startsText(starts));
	return conclude("image", findings);
}

async function buildImage(scope: Scope): Promise<Image> {
	const root = join(await temporaryFolder(scope), "root");
	mkdirSync(root);
	// The container's user has to get in.
	chmodSync(root, 0o755);
	const config = buildImageFiles(root);
	addBase(root, config);
	return { root, config };
}

function sizeFinding({ root, config }: Image): Finding {
	const app = join(root, config.workingFolder);
	const loaded = loadedBytes(join(app, ...config.command));
	const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} KB`;
	console.log(
		`The image adds ${kilobytes(folderBytes(app))} to Bun and its base; a server reads ${kilobytes(loaded)} of that as it starts.`,
	);
	const problems = loaded < MOST_LOADED_BYTES ? [] : [kilobytes(loaded)];
	return { what: "a server reads less than 1 MB as it starts", checked: 1, problems };
}

await runScript(main);
