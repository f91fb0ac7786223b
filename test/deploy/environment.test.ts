import { expect, test } from "bun:test";
import { configVariables, readConfig } from "../../src/config.ts";
import { composeSource, composeVariables } from "./compose-file.ts";
import { projectFile } from "./files.ts";

interface Entry {
	name: string;
	value: string;
	/** Written as `#NAME=value`: the default of something that may be left out. */
	optional: boolean;
	/** The comment above it. */
	comment: string;
}

const entries = readEntries(projectFile(".env.example"));
/** Read by commands that never see the whole configuration. */
const commandVariables = ["RETYN_DATA_DIR", "RETYN_URL", "RETYN_TOKEN", "DLD_DATA_DIR"];
const secret = /SECRET|PASSWORD|SIGNING_KEY|DATABASE_URL/;

function readEntries(text: string): Entry[] {
	const found: Entry[] = [];
	let comment = "";
	for (const line of text.split("\n")) {
		const match = /^(#?)([A-Z][A-Z0-9_]*)=(.*)$/.exec(line);
		if (match) {
			const [, mark, name = "", value = ""] = match;
			found.push({ name, value, optional: mark === "#", comment });
			comment = "";
		} else {
			comment = line.startsWith("# ") ? comment + line.slice(1) : "";
		}
	}
	return found;
}

const names = entries.map(({ name }) => name);
const composeNames = composeVariables(composeSource).map(({ name }) => name);

test(".env.example lists every variable of the configuration, compose file and commands, once, and no others", () => {
	const known = new Set([...configVariables, ...composeNames, ...commandVariables]);
	expect(names.toSorted()).toEqual([...known].toSorted());
});

test(".env.example explains each of them", () => {
	const unexplained = entries.filter(({ comment }) => comment.length < 15);
	expect(unexplained.map(({ name }) => name)).toEqual([]);
});

test(".env.example gives no secret a value", () => {
	const secrets = entries.filter(({ name }) => secret.test(name));
	expect(secrets.length).toBeGreaterThan(2);
	for (const { value, optional } of secrets) {
		expect(value).toBe("");
		expect(optional).toBe(false);
	}
});

test.each(["development", "production"])("the defaults shown in .env.example are those of %s", (mode) => {
	const required = {
		NODE_ENV: mode,
		DATABASE_URL: "postgres://retyn@localhost/retyn",
		JWT_SECRET: "f3b1c0de9a7e5d2846bb10c39d5fe07a",
	};
	const shown = Object.fromEntries(entries.map(({ name, value }) => [name, value]));
	expect(readConfig({ ...shown, ...required })).toEqual(readConfig(required));
});
