import pino from "pino";
import type { Logger } from "../lib/logger.ts";

export interface LoggerOptions {
	level: string;
	/** Where lines go; one JSON object a line to standard output when left out. */
	stream?: pino.DestinationStream;
}

/** What must never reach a log, wherever it hides in the fields. */
const SECRETS = ["password", "*.password", "authorization", "*.authorization", "cookie", "*.cookie"];

export function createLogger({ level, stream }: LoggerOptions): Logger {
	const options: pino.LoggerOptions = {
		level,
		base: null,
		redact: SECRETS,
		serializers: { error: pino.stdSerializers.err },
		timestamp: pino.stdTimeFunctions.isoTime,
		formatters: { level: (label) => ({ level: label }) },
	};
	return stream ? pino(options, stream) : pino(options);
}
