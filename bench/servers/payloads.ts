/** What the handlers of all servers answer, as JSON text: A a list of 5 KB, B one of 52 KB, C a valuation of 2 KB. */
export type Payload = "A" | "B" | "C";

export const JSON_TYPE = { "Content-Type": "application/json" } as const;

const SIZES: Record<Payload, number> = { A: 5_000, B: 52_000, C: 2_000 };

/** The same text for the same id in every process. Ids are numbers, which are in the text. */
export function payload(kind: Payload, id: string): string {
	const rows: object[] = [];
	let length = 2;
	for (let i = 0; length < SIZES[kind]; i += 1) {
		const row = sale(Number(id) * 1_000 + i);
		rows.push(row);
		length += JSON.stringify(row).length + 1;
	}
	if (kind !== "C") return JSON.stringify(rows);
	return JSON.stringify({
		success: true,
		valuation: { subject: id, estimated_value: 1_888_000, comparables: rows },
	});
}

/** Made up; varied enough that it does not compress better than real sales do. */
function sale(seed: number): object {
	const word = (Math.imul(seed + 1, 2_654_435_761) >>> 0) / 2 ** 32;
	const other = (Math.imul(seed + 7, 1_597_334_677) >>> 0) / 2 ** 32;
	return {
		price: Math.round(400_000 + word * 4_000_000),
		size_sqm: Math.round(3_000 + other * 30_000) / 100,
		registered_on: `2026-0${1 + Math.floor(word * 7)}-${10 + Math.floor(other * 18)}`,
		project: `Tower ${Math.floor(other * 900)}`,
		weight: Math.round(word * other * 10_000) / 10_000,
	};
}
