import type { SoakResult } from "./soak.ts";

const BREACHES_SHOWN = 30;

/** What a soak saw, for people. */
export function soakReport({ tally, memory, originRuns, pids }: SoakResult): string {
	const { purges, faults, longest, breaches } = tally;
	const lines = [`${tally.requests} requests, ${originRuns} of them asked the origin`];
	tally.outcomes.forEach(({ hit, stale, miss, failed }, index) => {
		lines.push(
			`  instance ${index} (pid ${pids[index]}): ${hit} hits, ${stale} stale, ${miss} misses, ${failed} failed`,
		);
	});
	lines.push(`Purges: ${purges.done} done, ${purges.pending} pending; ${purges.expired} times expired`);
	lines.push(`Faults: ${faults.length}`);
	for (const { name, from, to } of faults) lines.push(`  ${name}, ${seconds(from)} to ${seconds(to)} s`);
	lines.push("Longest answer, by what was out of order when it was asked for:");
	for (const [phase, { ms, requests }] of [...longest].sort())
		lines.push(`  ${phase}: ${Math.round(ms)} ms of ${requests} requests`);
	lines.push("Memory, warm and at the end (after a garbage collection):");
	memory.forEach(({ warm, end }, index) => {
		const of = (name: "rss" | "heapUsed") => `${megabytes(warm[name])} -> ${megabytes(end[name])} MB`;
		lines.push(`  instance ${index}: resident ${of("rss")}, heap ${of("heapUsed")}`);
	});
	memory.forEach(({ end }, index) => {
		const counts = Object.entries(end.counts)
			.sort()
			.map((count) => count.join(" "));
		lines.push(`Events of instance ${index}: ${counts.join(", ")}`);
	});
	lines.push(
		`Breaches: ${breaches.length}`,
		...breaches.slice(0, BREACHES_SHOWN).map((breach) => `  ${breach}`),
	);
	return lines.join("\n");
}

function seconds(ms: number): string {
	return (ms / 1_000).toFixed(1);
}

function megabytes(bytes: number): string {
	return (bytes / 1024 / 1024).toFixed(1);
}
