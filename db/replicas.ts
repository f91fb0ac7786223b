import { drizzle } from "drizzle-orm/postgres-js";
import type { Logger } from "../src/lib/logger.ts";
import { type Database, type DatabaseHandle, type DatabaseOptions, openDatabase } from "./client.ts";
import { type Either, eitherOf } from "./replicas/either.ts";
import { createTrail, type Standing } from "./replicas/standing.ts";
import { watchServer } from "./replicas/watch.ts";
import * as schema from "./schema/index.ts";

export interface ReplicasOptions {
	urls: readonly string[];
	/** Answers what a replica was asked when it was lost. */
	primary: DatabaseHandle;
	/** Where the primary is watched: past a pooler, whose connections may all be in use. */
	primaryUrl: string;
	/** Milliseconds of changes that a replica may lack and still be read. */
	lagMs: number;
	/** How each replica is connected to. */
	pool: Omit<DatabaseOptions, "url">;
	logger: Logger;
	/** Uniform in [0, 1): which of those that may be read. @default Math.random */
	random?: () => number;
	/** Milliseconds of a clock that only goes forward. @default that of the platform */
	now?: () => number;
}

export interface Replicas {
	/**
	 * One of those that may be read and have reached this data version; undefined where none has. For reads alone: one that is lost
	 * with its replica is asked of the primary, once.
	 */
	at(version: number): Database | undefined;
	/** How many may be read, of how many there are. */
	readonly state: ReplicasState;
	close(): Promise<void>;
}

export interface ReplicasState {
	readonly usable: number;
	readonly total: number;
}

interface Replica {
	readonly url: string;
	readonly handle: DatabaseHandle;
	readonly either: Either;
	readonly db: Database;
	/** What it said last; undefined while it does not answer. Its version only grows from there. */
	standing: Standing | undefined;
	/** As the log has it. */
	wasUsable: boolean;
}

/**
 * Servers that follow the primary, for reads of the market. Each is watched, and so is the primary; nothing that goes wrong
 * there reaches a caller.
 */
export function openReplicas(options: ReplicasOptions): Replicas {
	const { lagMs, logger, random = Math.random, now = () => performance.now() } = options;
	const trail = createTrail(2 * lagMs);
	const replicas = options.urls.map(open);
	const watches = [
		watchServer({
			url: options.primaryUrl,
			onAnswer(standing, askedAt) {
				trail.saw(standing, askedAt);
				noteAll();
			},
			// Without it nobody knows what a replica lacks: they are out once the bound has passed.
			onSilence: noteAll,
			now,
		}),
		...replicas.map((replica) =>
			watchServer({
				url: replica.url,
				onAnswer(standing) {
					replica.standing = standing;
					note(replica);
				},
				onSilence: (error) => lose(replica, error),
				now,
			}),
		),
	];

	function open(url: string): Replica {
		const handle = openDatabase({ ...options.pool, url });
		const either = eitherOf(handle.sql, options.primary.sql, (error) => lose(replica, error));
		const replica: Replica = {
			url,
			handle,
			either,
			db: drizzle(either.sql, { schema, casing: "snake_case" }),
			standing: undefined,
			wasUsable: false,
		};
		return replica;
	}

	function isUsable({ standing }: Replica): boolean {
		return standing !== undefined && trail.lagOf(standing, now()) <= lagMs;
	}

	/** It counts again when it has answered its watcher. What it is being asked goes to the primary now. */
	function lose(replica: Replica, error: unknown): void {
		if (replica.standing !== undefined) replica.handle.renew();
		replica.standing = undefined;
		replica.either.lost();
		note(replica, error);
	}

	function noteAll(): void {
		for (const replica of replicas) note(replica);
	}

	function note(replica: Replica, error?: unknown): void {
		const { url, standing, wasUsable } = replica;
		const { host: name } = new URL(url);
		replica.wasUsable = isUsable(replica);
		if (replica.wasUsable === wasUsable) return;
		if (wasUsable) {
			const reason = error instanceof Error ? error.message : reasonOf(standing);
			logger.warn({ replica: name, reason }, "A replica is not read from for now");
		} else logger.info({ replica: name, version: standing?.version }, "A replica is read from");
	}

	function reasonOf(standing: Standing | undefined): string {
		return standing?.isReplica === false ? "it follows nobody" : `it lags by more than ${lagMs} ms`;
	}

	return {
		at(version) {
			const usable = replicas.filter(
				(replica) => (replica.standing?.version ?? -1) >= version && isUsable(replica),
			);
			return usable[Math.floor(random() * usable.length)]?.db;
		},
		get state() {
			return { usable: replicas.filter(isUsable).length, total: replicas.length };
		},
		async close() {
			for (const watch of watches) watch.stop();
			await Promise.all(replicas.map(({ handle }) => handle.close()));
		},
	};
}
