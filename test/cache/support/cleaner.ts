/** Undoes what a test has set up, the last first, also when the test failed half-way. */
export interface Cleaner {
	later(...steps: (() => unknown)[]): void;
	run(): Promise<void>;
}

export function cleaner(): Cleaner {
	const steps: (() => unknown)[] = [];
	return {
		later: (...more) => void steps.push(...more),
		async run() {
			for (const step of steps.splice(0).reverse()) await step();
		},
	};
}
