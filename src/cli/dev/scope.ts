/**
 * What a command has started and must not leave behind. `stop` asks it to end, from a signal handler for example;
 * `close` undoes what was deferred, newest first, once, however often and from wherever it is called.
 */
export class Scope {
	readonly #controller = new AbortController();
	readonly #steps: (() => unknown)[] = [];
	#closing: Promise<void> | undefined;

	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	stop(reason: unknown): void {
		this.#controller.abort(reason);
	}

	defer(step: () => unknown): void {
		this.#steps.push(step);
	}

	/** Ends with the work, or rejects as soon as the scope is asked to stop; the work's own end is then ignored. */
	async race<T>(work: Promise<T>): Promise<T> {
		work.catch(() => {});
		return Promise.race([work, this.stopped()]);
	}

	/** Rejects with the reason when the scope is asked to stop. */
	stopped(): Promise<never> {
		return new Promise((_, reject) => {
			const fail = () => reject(this.signal.reason);
			if (this.signal.aborted) fail();
			else this.signal.addEventListener("abort", fail, { once: true });
		});
	}

	close(): Promise<void> {
		this.#closing ??= (async () => {
			for (let step = this.#steps.pop(); step; step = this.#steps.pop()) await step();
		})();
		return this.#closing;
	}
}

/** The reason with which a scope is stopped by a signal, or by the end of the command that started this one. */
export class Interrupted extends Error {
	override readonly name = "Interrupted";

	constructor(readonly by: NodeJS.Signals) {
		super(`stopped by ${by}`);
	}
}

/**
 * Ends a scope on Ctrl-C, SIGTERM and the closing of the terminal. One Ctrl-C may arrive several times, from the
 * terminal and passed on by npm, so that repetitions mean nothing. When npm itself is killed it passes nothing on:
 * a command started by it ends when its parent does.
 */
export function stopOnSignals(scope: Scope, env: Record<string, string | undefined>): void {
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
		process.on(signal, () => scope.stop(new Interrupted(signal)));
	}
	if (env["npm_lifecycle_event"] === undefined) return;
	const parent = process.ppid;
	setInterval(() => {
		if (process.ppid !== parent) scope.stop(new Interrupted("SIGHUP"));
	}, 250).unref();
}
