import { Rejection } from "./errors.ts";
import { optionalName } from "./names.ts";

export type PropertyClass = "unit" | "villa" | "building" | "land";

export interface Property {
	propertyClass: PropertyClass;
	/** One readable name for what was sold or let. */
	propertyType: string;
}

const CLASSES: ReadonlyMap<string, PropertyClass> = new Map([
	["unit", "unit"],
	// A desk or office address without walls of its own, let like a unit.
	["virtual unit", "unit"],
	["villa", "villa"],
	["building", "building"],
	["land", "land"],
]);

const CLASS_NAMES: Record<PropertyClass, string> = {
	unit: "Unit",
	villa: "Villa",
	building: "Building",
	land: "Land",
};

const DWELLINGS = new Set([
	"Flat",
	"Villa",
	"Complex Villas",
	"Villa addendum",
	"Arabian House",
	"Hotel Apartment",
	"Hotel Rooms",
	"Penthouse",
	"Stacked Townhouses",
]);

const OTHER_TYPES = [
	"Labor Camps",
	"Staff Accommodation",
	"Office",
	"Shop",
	"Showroom",
	"Warehouse",
	"Kiosk",
];

/** The one spelling of each type that something depends on, by its folded name, and of those with two words. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
	...[...DWELLINGS, ...OTHER_TYPES].map((type) => [type.toLowerCase(), type] as const),
	["studio", "Flat"],
	["hotel apartments", "Hotel Apartment"],
	["show rooms", "Showroom"],
]);

/** Land is land whatever may be built on it, and the website files villas under buildings. */
export function soldProperty(type: string | undefined, subType: string | undefined): Property {
	const propertyClass = classOf(type);
	if (propertyClass === "land") return { propertyClass, propertyType: CLASS_NAMES.land };
	if (propertyClass === "building") {
		return subType?.toLowerCase() === "villa"
			? { propertyClass: "villa", propertyType: CLASS_NAMES.villa }
			: { propertyClass, propertyType: CLASS_NAMES.building };
	}
	return { propertyClass, propertyType: typeName(subType) ?? CLASS_NAMES[propertyClass] };
}

export function letProperty(type: string | undefined, subType: string | undefined): Property {
	const propertyClass = classOf(type);
	return { propertyClass, propertyType: typeName(subType) ?? CLASS_NAMES[propertyClass] };
}

function classOf(type: string | undefined): PropertyClass {
	const found = CLASSES.get(optionalName(type)?.key ?? "");
	if (!found) throw new Rejection("unknown-property-type");
	return found;
}

function typeName(subType: string | undefined): string | undefined {
	const found = optionalName(subType);
	return found && (SPELLINGS.get(found.key) ?? found.name.charAt(0).toUpperCase() + found.name.slice(1));
}

export interface Rooms {
	/** 0 is a studio. */
	rooms?: number;
	/** What the source says instead of a number. */
	roomsLabel?: string;
}

const COUNT = /^(\d{1,2})(?:\.0+)?\s*(?:b\/?r|bed\s*rooms?\b.*)?$/i;

/** Bedrooms of a dwelling, from `Studio`, `2 B/R`, `1bed room+Hall` or a plain number. */
export function roomsOf(label: string | undefined, propertyType: string): Rooms {
	const found = optionalName(label);
	if (!found || /^(na|n\/a)$/.test(found.key)) return {};
	const { name, key } = found;
	if (!DWELLINGS.has(propertyType)) return /^\d/.test(key) || key === "studio" ? {} : { roomsLabel: name };
	if (key === "studio") return { rooms: 0 };
	if (key === "single room") return { rooms: 0, roomsLabel: name };
	const count = COUNT.exec(key)?.[1];
	return count === undefined ? { roomsLabel: name } : { rooms: Number(count) };
}
