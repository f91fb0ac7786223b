import { type Config, ConfigError, readConfig } from "../config.ts";
import { systemClock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Tracer } from "../lib/tracer.ts";
import { redisAddress } from "./redis-address.ts";

/** The configuration, or the end of the process with a sentence for each variable that is wrong. */
export function configOrExit(): Config {
	try {
		const config = readConfig(process.env);
		// Reads the certificates' file, so that one that is missing is told of in the same way.
		if (config.redis.enabled) redisAddress(config.redis);
		return config;
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		process.stderr.write(`${error.message}\n`);
		process.exit(2);
	}
}

/** Readable lines while developing; the package for that is not part of a production image. */
export async function readableStream({ environment }: Config) {
	if (environment === "production") return {};
	const { default: pretty } = await import("pino-pretty");
	return { stream: pretty({ colorize: process.stdout.isTTY, singleLine: true, sync: true }) };
}

/** The packages that send traces are large: where nobody wants any, they are not even read. */
export async function tracerOf({ tracesTo: to }: Config, logger: Logger): Promise<Tracer | undefined> {
	if (to === undefined) return undefined;
	const { openTracer } = await import("../observability/open-telemetry.ts");
	return openTracer({ to, clock: systemClock, logger });
}
