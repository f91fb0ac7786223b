import type { Directory, Place, Project } from "../areas/directory.ts";
import { Problem } from "../http/problem.ts";
import type { CheckedRequest } from "./request.ts";

/** The property to value, in the market's own names: requests that mean the same property give equal subjects. */
export interface Subject {
	readonly propertyType: string;
	readonly place: Place;
	readonly project: Project | null;
	/** A project that was asked for but is not known in that place. */
	readonly unknownProject: string | null;
	/** The project's numbers among rental contracts. */
	readonly rentalProjectIds: readonly number[];
	readonly sizeSqm: number;
	/** 0 is a studio; null when not said. */
	readonly rooms: number | null;
	readonly developmentStatus: "Ready" | "Off-Plan" | null;
	/** Accepted features that the data cannot support: named in the answer's warnings. */
	readonly withoutEffect: readonly string[];
	/** The version of the model that values it; null before any was trained. */
	readonly model: string | null;
	/** Day in Dubai, YYYY-MM-DD: only what was registered before it counts. */
	readonly asOf: string;
}

/** Words that clients use for types that the Department registers under another name. */
const SYNONYMS = new Map([
	["apartment", "Flat"],
	["townhouse", "Villa"],
]);

const NOT_VALUED = new Map([
	[
		"Land",
		"Land is not valued: a plot's price hangs on what may be built on it, which the register does not say.",
	],
	["Building", "Whole buildings are not valued: too few are sold, and none is like another."],
]);

const EARLIEST = "2000-01-01";

/**
 * @param today the day in Dubai.
 * @param model the version of the model in use, as what is worked out by one is never given for another.
 * @throws {Problem} 422 when the area or type is not known, not valued, or the day is out of range.
 */
export function resolveSubject(
	request: CheckedRequest,
	directory: Directory,
	today: string,
	model: string | null,
): Subject {
	const place = directory.area(request.area);
	if (!place) throw unknownArea(request.area, directory);
	const asOf = request.as_of ?? today;
	if (asOf > today || asOf < EARLIEST) {
		throw new Problem("invalid-request", {
			detail: `as_of must be a day from ${EARLIEST} to today, ${today} in Dubai.`,
		});
	}
	const project = request.project ? (directory.project(place, request.project) ?? null) : null;
	return {
		propertyType: resolveType(request.property_type, directory),
		place,
		project,
		unknownProject: project ? null : (request.project ?? null),
		rentalProjectIds: request.project ? directory.rentalProjectIds(place, request.project) : [],
		sizeSqm: request.size_sqm,
		rooms: request.bedrooms ?? null,
		developmentStatus: request.development_status ?? null,
		withoutEffect: (["floor_level", "view_type", "property_age"] as const).filter(
			(name) => request[name] != null,
		),
		model,
		asOf,
	};
}

function resolveType(asked: string, directory: Directory): string {
	const type = directory.propertyType(SYNONYMS.get(asked.toLowerCase()) ?? asked);
	const refusal = NOT_VALUED.get(type ?? "");
	if (refusal) throw new Problem("not-valued", { detail: refusal });
	if (type) return type;
	const valued = directory.propertyTypes.filter((name) => !NOT_VALUED.has(name));
	throw new Problem("invalid-request", {
		detail: `No sales of the property type "${asked}" are registered. Known are: ${valued.join(", ")}.`,
		members: { allowed: valued },
	});
}

function unknownArea(asked: string, directory: Directory): Problem {
	const suggestions = directory.similarAreas(asked);
	const hint = suggestions.length > 0 ? ` Did you mean ${suggestions.join(", ")}?` : "";
	return new Problem("unknown-area", {
		detail: `There is no area named "${asked}".${hint} GET /api/areas/buy lists them all.`,
		members: { suggestions },
	});
}
