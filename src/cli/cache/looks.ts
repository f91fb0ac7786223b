import type { AuditEventBody } from "../../admin/audit.ts";
import type { EntrySummaryBody } from "../../admin/entries.ts";
import type { Said } from "./changes.ts";
import { type Values, wholeNumber } from "./command.ts";
import type { Remote } from "./remote.ts";
import { facts, left, right, table } from "./table.ts";
import { byWord, duration, milliseconds, size } from "./units.ts";

const PAGE = [1, 500] as const;

export async function entries(remote: Remote, { prefix, cursor, limit }: Values): Promise<Said> {
	const body = await remote.get<{ entries: EntrySummaryBody[]; next_cursor: string | null }>(
		"cache/entries",
		{
			prefix,
			cursor,
			limit: limit === undefined ? undefined : String(wholeNumber(limit, "limit", PAGE)),
		},
	);
	const rows = body.entries.map((one) => [
		one.key,
		one.policy ?? "not ours",
		size(one.bytes),
		duration(one.age_s),
		duration(one.ttl_s),
		duration(one.kept_s),
	]);
	const columns = [
		left("key"),
		left("policy"),
		right("size"),
		right("age"),
		right("fresh for"),
		right("kept for"),
	];
	const more = body.next_cursor === null ? "" : `\n\nThere is more: --cursor '${body.next_cursor}'`;
	return { text: (rows.length === 0 ? "Nothing." : table(columns, rows)) + more, body };
}

export async function entry(remote: Remote, [key = ""]: readonly string[]): Promise<Said> {
	const body = await remote.get<{ entry: Record<string, unknown> }>(
		`cache/entries/${encodeURIComponent(key)}`,
	);
	return { text: known(body.entry), body };
}

export async function explain(remote: Remote, [method, path, text]: readonly string[]): Promise<Said> {
	const asked = { method, path, ...(text !== undefined && { body: text }) };
	const body = await remote.post<Record<string, unknown>>("cache/explain", asked);
	const { success: _, ...told } = body;
	return { text: known(told), body };
}

export async function audit(remote: Remote, { before, limit }: Values): Promise<Said> {
	const body = await remote.get<{ events: AuditEventBody[]; next_before: number | null }>("audit", {
		before,
		limit: limit === undefined ? undefined : String(wholeNumber(limit, "limit", PAGE)),
	});
	const rows = body.events.map((event) => [
		String(event.id),
		`${event.at.slice(0, 19).replace("T", " ")} UTC`,
		event.user.email ?? event.user.id,
		event.action,
		JSON.stringify(event.subject),
		event.outcome ?? "under way",
		event.affected ? byWord(event.affected) : "-",
	]);
	const columns = ["at", "by", "action", "what", "outcome", "affected"].map(left);
	const more = body.next_before === null ? "" : `\n\nThere is more: --before ${body.next_before}`;
	return { text: (rows.length === 0 ? "Nothing." : table([right("id"), ...columns], rows)) + more, body };
}

/** Names say their units; what is not known is left out. */
function known(told: Record<string, unknown>): string {
	return facts(Object.entries(told).map(([name, value]) => factOf(name, value)));
}

function factOf(name: string, value: unknown): readonly [string, string | undefined] {
	if (value === null || value === undefined) return [name, undefined];
	if (typeof value === "number" && name.endsWith("_s")) return [name.slice(0, -2), duration(value)];
	if (typeof value === "number" && name.endsWith("_ms")) return [name.slice(0, -3), milliseconds(value)];
	if (typeof value === "number" && /bytes$|^length$/.test(name)) return [name, size(value)];
	return [name, typeof value === "object" ? JSON.stringify(value) : String(value)];
}
