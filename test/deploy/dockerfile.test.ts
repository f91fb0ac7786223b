import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import packageJson from "../../package.json" with { type: "json" };
import { service } from "./compose-file.ts";
import { projectFile, projectPath } from "./files.ts";

interface Instruction {
	keyword: string;
	/** All that follows the keyword and its flags. */
	rest: string;
}

const source = projectFile("Dockerfile");
const dockerfile = DockerfileParser.parse(source);
const instructions: Instruction[] = dockerfile.getInstructions().map((instruction) => ({
	keyword: instruction.getKeyword(),
	rest: instruction.getArgumentsContent() ?? "",
}));
const finalStage = instructions.slice(instructions.findLastIndex(({ keyword }) => keyword === "FROM"));

function inFinalStage(keyword: string): string[] {
	return finalStage.filter((instruction) => instruction.keyword === keyword).map(({ rest }) => rest);
}

/** What is copied from the build context; a copy from another stage takes nothing from it. */
const copiedFromContext = dockerfile
	.getCOPYs()
	.filter((copy) => copy.getFromFlag() === null)
	.flatMap((copy) => copy.getArguments().slice(0, -1).map(String));

test("the Dockerfile passes the linter", () => {
	expect(validate(source)).toEqual([]);
});

test("the linter would notice a wrong Dockerfile", () => {
	expect(validate(source.replace("EXPOSE 8000", "EXPOSE everything"))).not.toEqual([]);
});

test("every stage is built on the Bun version that development uses", () => {
	const images = dockerfile.getFROMs().map((from) => from.getImage());
	expect(images).toHaveLength(2);
	for (const image of images) expect(image).toStartWith(`oven/bun:${packageJson.devDependencies.bun}-`);
});

test("the image runs as a user who is not root", () => {
	expect(inFinalStage("USER")).toEqual(["65532:65532"]);
});

test("the image checks its own health, the same way that docker-compose.yml does", () => {
	const [check = ""] = inFinalStage("HEALTHCHECK");
	const command: string[] = JSON.parse(check.slice(check.indexOf("[")));
	expect(service("retyn-avm").healthcheck?.test).toEqual(["CMD", ...command]);
});

test("the server is started without a shell, so that it receives the signal to stop", () => {
	expect(inFinalStage("ENTRYPOINT")).toEqual(['["/usr/local/bin/bun"]']);
	expect(inFinalStage("CMD")).toEqual(['["server.js"]']);
});

test("the image runs in production mode and names its port", () => {
	expect(inFinalStage("ENV").join(" ")).toContain("NODE_ENV=production");
	expect(inFinalStage("EXPOSE")).toEqual(["8000"]);
});

test("no secret is baked into the image", () => {
	for (const { keyword, rest } of instructions) {
		if (keyword === "ENV" || keyword === "ARG") expect(rest).not.toMatch(/SECRET|PASSWORD|TOKEN|_KEY/i);
	}
	expect(copiedFromContext.filter((path) => path === "." || path.includes(".env"))).toEqual([]);
});

test("development tools are neither installed nor copied", () => {
	const installs = instructions.filter(({ rest }) => rest.includes("bun install"));
	expect(installs.map(({ rest }) => rest)).toEqual([
		"bun install --frozen-lockfile --production --ignore-scripts",
	]);
	expect(finalStage.filter(({ rest }) => rest.includes("node_modules"))).toEqual([]);
});

test("the build context holds what the Dockerfile copies, and only by name", () => {
	const lines = projectFile(".dockerignore").split("\n");
	const rules = lines.filter((line) => line !== "" && !line.startsWith("#"));
	expect(rules[0]).toBe("*");
	const allowed = rules.slice(1).map((rule) => rule.replace(/^!/, ""));
	for (const path of copiedFromContext) {
		expect(existsSync(projectPath(path))).toBe(true);
		expect(allowed.some((root) => path === root || path.startsWith(`${root}/`))).toBe(true);
	}
	for (const path of allowed) expect(copiedFromContext).toContain(path);
});
