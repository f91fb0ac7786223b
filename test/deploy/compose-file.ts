import { parse } from "yaml";
import { projectFile } from "./files.ts";

export interface ComposeService {
	image?: string;
	build?: string;
	command?: string[];
	depends_on?: Record<string, { condition: string }>;
	entrypoint?: string[];
	environment?: Record<string, string>;
	healthcheck?: { test?: string[]; disable?: boolean };
	logging?: { options: Record<string, string> };
	mem_limit?: string;
	networks?: string[] | Record<string, { aliases?: string[] }>;
	ports?: string[];
	profiles?: string[];
	pull_policy?: string;
	read_only?: boolean;
	restart?: string;
	security_opt?: string[];
	user?: string;
	volumes?: string[];
}

interface ComposeFile {
	services: Record<string, ComposeService>;
	networks: Record<string, { internal?: boolean }>;
}

/** `${NAME}`, `${NAME:-default}` or `${NAME:?message}`, as Compose writes variables. */
export interface ComposeVariable {
	name: string;
	operator: string | undefined;
	operand: string | undefined;
}

const VARIABLE = /\$\{(?<name>\w+)(?:(?<operator>:[-?])(?<operand>[^}]*))?\}/g;

export const composeSource = projectFile("docker-compose.yml");

export const compose: ComposeFile = parse(composeSource, { merge: true });

export function service(name: string): ComposeService {
	const found = compose.services[name];
	if (!found) throw new Error(`docker-compose.yml has no service ${name}`);
	return found;
}

export function composeVariables(text: string): ComposeVariable[] {
	return Array.from(text.matchAll(VARIABLE), ({ groups }) => ({
		name: groups?.["name"] ?? "",
		operator: groups?.["operator"],
		operand: groups?.["operand"],
	}));
}

/** What Compose makes of a text. @throws where Compose would stop: a required variable that is not set. */
export function interpolate(text: string, env: Record<string, string>): string {
	return text.replaceAll(VARIABLE, (whole) => {
		const [variable] = composeVariables(whole);
		const value = env[variable?.name ?? ""];
		if (value) return value;
		if (variable?.operator === ":?") throw new Error(variable.operand);
		return variable?.operand ?? "";
	});
}
