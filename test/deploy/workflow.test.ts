import { expect, test } from "bun:test";
import { parse } from "yaml";
import { projectFile } from "./files.ts";

interface Job {
	"timeout-minutes"?: number;
	steps: { uses?: string; run?: string }[];
}

interface Workflow {
	jobs: Record<string, Job>;
	permissions: Record<string, string>;
}

const workflow: Workflow = parse(projectFile(".github/workflows/ci.yml"));
const jobs = Object.values(workflow.jobs);
const steps = jobs.flatMap((job) => job.steps);

test("the workflow runs what everybody runs before sending a change", () => {
	expect(steps.map(({ run }) => run)).toContain("bash .ci/run");
});

test("the workflow may read the repository and nothing else", () => {
	expect(workflow.permissions).toEqual({ contents: "read" });
});

test("every job of the workflow is bounded in time", () => {
	for (const job of jobs) expect(job["timeout-minutes"]).toBeLessThanOrEqual(30);
});

test("the workflow uses actions of a fixed major version", () => {
	const used = steps.flatMap(({ uses }) => uses ?? []);
	expect(used.length).toBeGreaterThan(0);
	for (const action of used) expect(action).toMatch(/^actions\/[a-z-]+@v\d+$/);
});
