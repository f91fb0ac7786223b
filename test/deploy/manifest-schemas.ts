import ts from "typescript";
import { projectPath } from "./files.ts";
import type { Manifest } from "./manifests.ts";

interface Model {
	validate(): void;
}

/** By Kubernetes' schemas as `kubernetes-models` has them: required fields, types, words that may stand somewhere. */
export async function schemaProblems(manifest: Manifest): Promise<string[]> {
	const models: Record<string, new (data: object) => Model> = await import(moduleOf(manifest));
	const Kind = models[manifest.kind];
	if (!Kind) return [`${manifest.apiVersion} has no ${manifest.kind}`];
	try {
		new Kind(manifest).validate();
		return [];
	} catch (error) {
		return [error instanceof Error ? error.message : String(error)];
	}
}

/**
 * Fields that Kubernetes does not know: the schemas let them pass, as the API does. The compiler does not: it takes each
 * manifest for a literal of the kind's interface.
 */
export function unknownFields(manifests: Iterable<Manifest>): string[] {
	const statements = [...manifests].map((one, index) => {
		const type = `import(${JSON.stringify(moduleOf(one))}).I${one.kind}`;
		return `export const _${index}: ${type} = ${JSON.stringify(one)};`;
	});
	const file = projectPath("test/deploy/made-of-manifests.ts");
	const options: ts.CompilerOptions = {
		noEmit: true,
		strict: true,
		skipLibCheck: true,
		types: [],
		target: ts.ScriptTarget.ESNext,
		module: ts.ModuleKind.ESNext,
		moduleResolution: ts.ModuleResolutionKind.Bundler,
	};
	const host = ts.createCompilerHost(options);
	const { getSourceFile, fileExists } = host;
	host.fileExists = (name) => name === file || fileExists(name);
	host.getSourceFile = (name, ...rest) =>
		name === file
			? ts.createSourceFile(name, statements.join("\n"), ts.ScriptTarget.ESNext)
			: getSourceFile(name, ...rest);
	const program = ts.createProgram([file], options, host);
	return ts
		.getPreEmitDiagnostics(program)
		.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}

/** `apps/v1` -> `kubernetes-models/apps/v1` */
function moduleOf({ apiVersion }: Manifest): string {
	return `kubernetes-models/${apiVersion}`;
}
