import type { StatsBody } from "../admin/describe-stats.ts";
import { expire, purge, type Said, warm } from "./cache/changes.ts";
import { type Command, readCommand, USAGE, wholeNumber } from "./cache/command.ts";
import { connectionOf } from "./cache/connection.ts";
import { audit, entries, entry, explain } from "./cache/looks.ts";
import { type Remote, remoteOf } from "./cache/remote.ts";
import { showStats } from "./cache/show-stats.ts";
import { top } from "./cache/top.ts";
import { runCommand } from "./terminal.ts";

const A_DAY_S = 86_400;

async function main(): Promise<void> {
	const command = readCommand(process.argv.slice(2));
	const { values } = command;
	const remote = remoteOf(await connectionOf(process.env, values.as));
	if (command.name === "top") return watch(remote, command);
	const { text, body } = await carryOut(remote, command);
	console.log(values.json ? JSON.stringify(body) : text);
}

async function carryOut(remote: Remote, { name, words, values }: Command): Promise<Said> {
	switch (name) {
		case "entries":
			return entries(remote, values);
		case "entry":
			return entry(remote, words);
		case "explain":
			return explain(remote, words);
		case "purge":
			return purge(remote, values);
		case "expire":
			return expire(remote, values);
		case "warm":
			return warm(remote, values);
		case "audit":
			return audit(remote, values);
		default: {
			const body = await remote.get<StatsBody>("cache/stats");
			return { text: showStats(body), body };
		}
	}
}

function watch(remote: Remote, { values }: Command): Promise<void> {
	const { interval = "2", frames, json = false } = values;
	return top(remote, {
		intervalMs: wholeNumber(interval, "interval", [1, A_DAY_S]) * 1000,
		frames: frames === undefined ? undefined : wholeNumber(frames, "frames", [1, 999_999_999]),
		json,
	});
}

await runCommand(main, USAGE);
