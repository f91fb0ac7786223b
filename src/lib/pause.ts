/** Waits that can all be cut short, so that stopping never waits for them. */
export interface Pause {
	/** Resolves after that many milliseconds, or at once when the pause is ended. */
	wait(ms: number): Promise<void>;
	end(): void;
	readonly ended: boolean;
}

export function createPause(): Pause {
	const controller = new AbortController();
	const { signal } = controller;
	return {
		wait: (ms) =>
			new Promise((resolve) => {
				if (signal.aborted) return resolve();
				const finish = () => {
					clearTimeout(timer);
					signal.removeEventListener("abort", finish);
					resolve();
				};
				const timer = setTimeout(finish, ms);
				signal.addEventListener("abort", finish);
			}),
		end: () => controller.abort(),
		get ended() {
			return signal.aborted;
		},
	};
}
