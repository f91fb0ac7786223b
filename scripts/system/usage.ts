import { type Usage, usageOf } from "../../bench/measure/processes.ts";

/** What a process with its descendants used by then. */
export interface UsageSample extends Usage {
	/** Milliseconds since the watching began. */
	readonly atMs: number;
}

export interface UsageWatch {
	/** By the names that were given. */
	stop(): ReadonlyMap<string, readonly UsageSample[]>;
}

const EVERY_MS = 1_000;
const MEGABYTE = 1024 * 1024;

/** Looks at processes once a second, at the beginning and at the end. */
export function watchUsage(processes: () => ReadonlyMap<string, number>): UsageWatch {
	const begun = performance.now();
	const seen = new Map<string, UsageSample[]>();
	function look(): void {
		for (const [name, pid] of processes()) {
			const samples = seen.get(name) ?? [];
			seen.set(name, samples);
			if (pid > 0) samples.push({ ...usageOf(pid), atMs: performance.now() - begun });
		}
	}
	look();
	const timer = setInterval(look, EVERY_MS);
	return {
		stop() {
			clearInterval(timer);
			look();
			return seen;
		},
	};
}

/** How many cores it kept busy, in the mean. A process that was started anew meanwhile begins again with nothing. */
export function coresOf(samples: readonly UsageSample[]): number {
	const [first, last] = [samples[0], samples.at(-1)];
	if (!first || !last || last.atMs === first.atMs) return 0;
	let cpuS = 0;
	for (const [index, sample] of samples.entries()) {
		const before = samples[index - 1];
		if (before) cpuS += sample.cpuS >= before.cpuS ? sample.cpuS - before.cpuS : sample.cpuS;
	}
	return cpuS / ((last.atMs - first.atMs) / 1000);
}

export interface Memory {
	/** Megabytes. */
	readonly begin: number;
	readonly end: number;
	/** Megabytes a minute: the straight line through all samples from then on. */
	readonly slope: number;
}

/** How memory went from some moment on; undefined where there are too few samples to say. */
export function memoryOf(samples: readonly UsageSample[], fromMs: number): Memory | undefined {
	const later = samples.filter(({ atMs }) => atMs >= fromMs);
	const [first, last] = [later[0], later.at(-1)];
	if (!first || !last || later.length < 3) return undefined;
	const mean = (of: (sample: UsageSample) => number) =>
		later.reduce((sum, sample) => sum + of(sample), 0) / later.length;
	const minutes = ({ atMs }: UsageSample) => atMs / 60_000;
	const megabytes = ({ residentBytes }: UsageSample) => residentBytes / MEGABYTE;
	const [meanMinutes, meanMegabytes] = [mean(minutes), mean(megabytes)];
	const together = mean((one) => (minutes(one) - meanMinutes) * (megabytes(one) - meanMegabytes));
	const spread = mean((one) => (minutes(one) - meanMinutes) ** 2);
	return { begin: megabytes(first), end: megabytes(last), slope: together / spread };
}
