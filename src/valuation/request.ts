import { z } from "zod";

const words = (max: number) =>
	z.string().trim().min(1, "must not be empty").max(max, `must be ${max} characters or fewer`);

const ROOMS_SENTENCE = 'must be "Studio" or a whole number of bedrooms, 20 at the most';

/** Studio is 0. Accepts 2, "2", "2 B/R", "2 bedrooms" and "studio". */
const bedrooms = z
	.union([z.number(), z.string().trim().max(20)], { error: ROOMS_SENTENCE })
	.transform((value, context) => {
		const rooms = typeof value === "number" ? value : roomsFromText(value);
		if (rooms !== undefined && Number.isInteger(rooms) && rooms >= 0 && rooms <= 20) return rooms;
		context.addIssue({ code: "custom", message: ROOMS_SENTENCE });
		return z.NEVER;
	});

function roomsFromText(text: string): number | undefined {
	if (/^studio$/i.test(text)) return 0;
	const match = /^(\d{1,2})(\s*(b\/?r|bed|beds|bedroom|bedrooms))?$/i.exec(text);
	return match ? Number(match[1]) : undefined;
}

const developmentStatus = words(20).transform((value, context) => {
	const folded = value.toLowerCase().replace(/[\s_-]/g, "");
	if (folded === "ready") return "Ready" as const;
	if (folded === "offplan") return "Off-Plan" as const;
	context.addIssue({ code: "custom", message: 'must be "Ready" or "Off-Plan"' });
	return z.NEVER;
});

const text = words(60);

/**
 * The body of POST /api/property/valuation. null means the same as leaving a member out; a member that is not listed
 * is refused, so that a misspelt one is not silently ignored.
 */
export const valuationRequest = z.strictObject({
	/** As registered sales name it: Flat, Villa, Office, ... */
	property_type: words(60),
	/** Name, alias or nickname of a community or cadastral area. */
	area: words(120),
	/** Square metres, kept to two decimals as in the register: within a project the size tells the layout. */
	size_sqm: z
		.number({ error: "must be a number of square metres" })
		.min(5, "must be 5 square metres or more")
		.max(50_000, "must be 50,000 square metres or less")
		.transform((value) => Math.round(value * 100) / 100),
	bedrooms: bedrooms.nullish(),
	project: words(200).nullish(),
	development_status: developmentStatus.nullish(),
	floor_level: z
		.union([z.int().min(-10).max(250), text], { error: "must be a whole number from -10 to 250, or a word" })
		.nullish(),
	view_type: text.nullish(),
	property_age: z
		.union([z.number().min(0).max(200), text], { error: "must be a number of years up to 200, or a word" })
		.nullish(),
	/** The day of the valuation, YYYY-MM-DD in Dubai; today when left out. */
	as_of: z.iso.date("must be a day written as YYYY-MM-DD").nullish(),
});

export type CheckedRequest = z.output<typeof valuationRequest>;
