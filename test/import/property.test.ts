import { describe, expect, test } from "bun:test";
import { letProperty, roomsOf, soldProperty } from "../../db/import/property.ts";

describe("what was sold", () => {
	test.each([
		["Unit", "Flat", "unit", "Flat"],
		["Unit", " Hotel Apartment ", "unit", "Hotel Apartment"],
		["Unit", "Show Rooms", "unit", "Showroom"],
		["Unit", "FLAT", "unit", "Flat"],
		["UNIT", "hotel apartment", "unit", "Hotel Apartment"],
		["Unit", "constructor", "unit", "Constructor"],
		["Unit", undefined, "unit", "Unit"],
		["Building", "Villa", "villa", "Villa"],
		["Building", "Building", "building", "Building"],
		["Building", undefined, "building", "Building"],
		["Villa", undefined, "villa", "Villa"],
		["Land", "Villa", "land", "Land"],
		["Land", "Residential Flats", "land", "Land"],
		["LAND", undefined, "land", "Land"],
	] as const)("%p with sub-type %p is a %s called %s", (type, subType, propertyClass, propertyType) => {
		expect(soldProperty(type, subType)).toEqual({ propertyClass, propertyType });
	});

	test("an unknown or missing type is rejected", () => {
		expect(() => soldProperty("constructor", "Keep")).toThrow("unknown-property-type");
		expect(() => soldProperty("Castle", "Keep")).toThrow("unknown-property-type");
		expect(() => soldProperty(undefined, "Flat")).toThrow("unknown-property-type");
	});
});

describe("what was let", () => {
	test.each([
		["Unit", "Studio ", "unit", "Flat"],
		["Virtual Unit", "Office", "unit", "Office"],
		["Villa", "Complex Villas", "villa", "Complex Villas"],
		["Unit", "Hotel apartments", "unit", "Hotel Apartment"],
		["Unit", "kitchen", "unit", "Kitchen"],
		["Land", undefined, "land", "Land"],
		["Building", undefined, "building", "Building"],
		["Villa", undefined, "villa", "Villa"],
		["Unit", undefined, "unit", "Unit"],
	] as const)("%p with sub-type %p is a %s called %s", (type, subType, propertyClass, propertyType) => {
		expect(letProperty(type, subType)).toEqual({ propertyClass, propertyType });
	});
});

describe("rooms", () => {
	test.each([
		["Studio", { rooms: 0 }],
		["1 B/R", { rooms: 1 }],
		["12 B/R", { rooms: 12 }],
		["3", { rooms: 3 }],
		["1bed room+Hall", { rooms: 1 }],
		["2 bed rooms+hall", { rooms: 2 }],
		["Single Room", { rooms: 0, roomsLabel: "Single Room" }],
		["PENTHOUSE", { roomsLabel: "PENTHOUSE" }],
		["NA", {}],
		[undefined, {}],
	] as const)("%p of a flat", (label, rooms) => {
		expect(roomsOf(label, "Flat")).toEqual(rooms);
	});

	test("an office has none, whatever its label counts", () => {
		expect(roomsOf("2 bed rooms+hall", "Office")).toEqual({});
		expect(roomsOf("Studio", "Office")).toEqual({});
		expect(roomsOf("Shop", "Office")).toEqual({ roomsLabel: "Shop" });
	});
});
