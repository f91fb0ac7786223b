import type { Scope } from "../src/cli/dev/scope.ts";
import type { Load } from "./measure/load.ts";

/** What a scenario is given. */
export interface Bench {
	/** Whatever is started ends with it. */
	readonly scope: Scope;
	readonly load: Load;
	/** How often something is repeated where the scenario does not say otherwise. */
	readonly rounds: number;
	readonly seed: number;
	/** The folder with the Dubai Land Department's files, where the user has them. */
	readonly dataFolder: string | undefined;
	/** Progress, for whoever watches. */
	log(line: string): void;
}

/** Something that is measured in its own way: a fault, a table of queries, a mix. */
export interface Scenario {
	/** What `--only` can name. */
	readonly part: string;
	/** Heading of its table in the report. */
	readonly title: string;
	/** How it is done, in a sentence or two, printed under the heading. */
	readonly method: string;
	/** @throws {Missing} where this machine does not have what it takes. */
	run(bench: Bench): Promise<ScenarioResult>;
}

export interface ScenarioResult {
	readonly rows: readonly Row[];
	/** What the goals speak of, by name. */
	readonly figures: Readonly<Record<string, number>>;
}

/** One line of a scenario's table. */
export interface Row {
	readonly name: string;
	/** Why there are no figures. */
	readonly missing?: string;
	/** Column -> figure. Every row of a scenario has the same columns. */
	readonly figures: Readonly<Record<string, Figure>>;
}

export interface Figure {
	readonly value: number;
	/** `ms`, `MB`, `x`, `%`, or nothing for a count. */
	readonly unit?: string;
	/** Over the rounds, where there were several. */
	readonly min?: number;
	readonly max?: number;
}
