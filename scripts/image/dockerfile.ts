import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Copy, DockerfileParser, type Instruction } from "dockerfile-ast";
import { projectRoot } from "../../src/cli/dev/places.ts";

/** One COPY: what goes where. */
export interface CopyStep {
	readonly sources: readonly string[];
	readonly target: string;
	/** Out of the stage that builds, not out of the repository. */
	readonly fromStage: boolean;
}

/** How a container of the image is run. */
export interface ImageConfig {
	readonly env: Readonly<Record<string, string>>;
	readonly workingFolder: string;
	readonly user: number;
	readonly group: number;
	/** The program before every command. */
	readonly entrypoint: readonly string[];
	readonly command: readonly string[];
	readonly healthCheck: readonly string[];
}

interface Dockerfile {
	/** Of the stage that builds, in order. */
	readonly build: readonly CopyStep[];
	/** Of the stage that becomes the image. */
	readonly image: readonly CopyStep[];
	readonly config: ImageConfig;
}

/** What the repository's Dockerfile says. @throws {TypeError} where it does not say all that a container needs */
export function readDockerfile(): Dockerfile {
	const dockerfile = DockerfileParser.parse(readFileSync(join(projectRoot, "Dockerfile"), "utf8"));
	const finalStage = dockerfile.getFROMs().at(-1)?.getRange().start.line ?? 0;
	const isFinal = (one: Instruction) => one.getRange().start.line > finalStage;
	const last = dockerfile.getInstructions().filter(isFinal);
	const copies = dockerfile.getCOPYs();

	function words(keyword: string): string {
		const found = last.findLast((one) => one.getKeyword() === keyword)?.getArgumentsContent();
		if (!found) throw new TypeError(`The Dockerfile's last stage has no ${keyword}`);
		return found;
	}

	const [user, group] = words("USER").split(":").map(Number);
	if (!user || !group)
		throw new TypeError("The Dockerfile's USER has to be two numbers, and neither of them 0");
	return {
		build: copies.filter((copy) => !isFinal(copy)).map(stepOf),
		image: copies.filter(isFinal).map(stepOf),
		config: {
			env: Object.fromEntries(
				dockerfile
					.getENVs()
					.filter(isFinal)
					.flatMap((one) => one.getProperties())
					.map((property) => [property.getName(), property.getValue() ?? ""]),
			),
			workingFolder: words("WORKDIR"),
			user,
			group,
			entrypoint: listIn(words("ENTRYPOINT")),
			command: listIn(words("CMD")),
			healthCheck: listIn(words("HEALTHCHECK")),
		},
	};
}

function stepOf(copy: Copy): CopyStep {
	const paths = copy.getArguments().map(String);
	const target = paths.pop() ?? "";
	return { sources: paths, target, fromStage: copy.getFromFlag() !== null };
}

/** The JSON list at the end of an instruction, behind flags and words. */
function listIn(text: string): string[] {
	return JSON.parse(text.slice(text.indexOf("[")));
}
