import type { Kind, UnitNoise } from "./kind.ts";

const FLAT_ROOMS = { studio: -0.62, one: -0.02, two: 0.46, three: 0.86, four: 1.4, five: 2 };

const READY_NOISE: UnitNoise = {
	layout: 0.06,
	floors: 0.09,
	viewShare: 0.3,
	view: 0.1,
	unit: 0.04,
	tailShare: 0.25,
	tail: 0.19,
	monthlyStep: 0.008,
};

const NEW_NOISE: UnitNoise = {
	layout: 0.04,
	floors: 0.04,
	viewShare: 0.2,
	view: 0.07,
	unit: 0.013,
	tailShare: 0.28,
	tail: 0.11,
	monthlyStep: 0.015,
};

const offPlanFlats: Kind = {
	propertyType: "Unit",
	subType: "Flat",
	nameStyle: "tower",
	share: 0.585,
	offPlan: 1,
	soldIn: (area) => area.sold.offPlanFlats,
	price: (area) => area.price.offPlan,
	salesPerProject: 42,
	volumeSpread: 1.4,
	unnamed: 0,
	levelSpread: 0.16,
	elasticity: -0.14,
	elasticitySpread: 0.13,
	referenceSize: 74,
	layouts: [5, 14],
	rooms: [
		["Studio", 325, FLAT_ROOMS.studio - 0.1, 0.11],
		["1 B/R", 402, FLAT_ROOMS.one, 0.14],
		["2 B/R", 219, FLAT_ROOMS.two, 0.16],
		["3 B/R", 48, FLAT_ROOMS.three, 0.2],
		["4 B/R", 5, FLAT_ROOMS.four + 0.2, 0.3],
		["PENTHOUSE", 1, FLAT_ROOMS.five, 0.3],
	],
	noise: NEW_NOISE,
};

const readyFlats: Kind = {
	...offPlanFlats,
	share: 0.188,
	offPlan: 0,
	soldIn: (area) => area.sold.readyFlats,
	price: (area) => area.price.ready,
	salesPerProject: 17,
	volumeSpread: 1.1,
	unnamed: 0.24,
	levelSpread: 0.2,
	rooms: [
		["Studio", 228, FLAT_ROOMS.studio, 0.18],
		["1 B/R", 427, FLAT_ROOMS.one, 0.18],
		["2 B/R", 264, FLAT_ROOMS.two, 0.2],
		["3 B/R", 71, FLAT_ROOMS.three, 0.2],
		["4 B/R", 10, FLAT_ROOMS.four, 0.3],
		["5 B/R", 1, FLAT_ROOMS.five, 0.3],
		["PENTHOUSE", 1, FLAT_ROOMS.five, 0.3],
	],
	noise: READY_NOISE,
};

const offPlanVillas: Kind = {
	...offPlanFlats,
	propertyType: "Building",
	subType: "Villa",
	nameStyle: "villas",
	share: 0.058,
	soldIn: (area) => area.sold.offPlanVillas,
	price: (area) => area.price.villa,
	salesPerProject: 48,
	volumeSpread: 1.5,
	levelSpread: 0.12,
	elasticity: -0.3,
	elasticitySpread: 0.1,
	referenceSize: 230,
	layouts: [3, 8],
	rooms: [
		["2 B/R", 25, -0.75, 0.2],
		["3 B/R", 170, -0.3, 0.18],
		["4 B/R", 560, -0.05, 0.18],
		["5 B/R", 240, 0.25, 0.2],
		["6 B/R", 5, 0.9, 0.2],
	],
	noise: { ...NEW_NOISE, layout: 0.04, tailShare: 0.45, tail: 0.175 },
};

const readyVillas: Kind = {
	...offPlanVillas,
	share: 0.021,
	offPlan: 0,
	soldIn: (area) => area.sold.readyVillas,
	salesPerProject: 13,
	volumeSpread: 1,
	unnamed: 0.085,
	rooms: [
		["1 B/R", 20, -1.3, 0.2],
		["2 B/R", 90, -0.5, 0.25],
		["3 B/R", 490, -0.25, 0.2],
		["4 B/R", 360, 0.1, 0.2],
		["5 B/R", 35, 0.4, 0.25],
		["7 B/R", 3, 1, 0.2],
	],
	noise: { ...READY_NOISE, layout: 0.045, floors: 0.04, viewShare: 0.15 },
};

const offices: Kind = {
	...readyFlats,
	subType: "Office",
	nameStyle: "office",
	share: 0.03,
	offPlan: 0.6,
	soldIn: (area) => (area.rent > 1100 ? area.sold.offPlanFlats + area.sold.readyFlats : 0),
	price: (area, offPlan) => (offPlan ? 1.5 * area.price.offPlan : area.price.ready),
	salesPerProject: 25,
	unnamed: 0.06,
	referenceSize: 100,
	rooms: [
		["NA", 68, 0, 0.65],
		["Office", 32, 0, 0.65],
	],
};

const shops: Kind = {
	...offices,
	subType: "Shop",
	nameStyle: "tower",
	share: 0.01,
	soldIn: (area) => area.sold.offPlanFlats + area.sold.readyFlats,
	price: (area, offPlan) => 1.9 * (offPlan ? area.price.offPlan : area.price.ready),
	salesPerProject: 7,
	unnamed: 0.15,
	levelSpread: 0.35,
	referenceSize: 82,
	rooms: [
		["NA", 87, 0, 0.65],
		["Shop", 12, 0, 0.65],
		["", 1, 0, 0.65],
	],
};

const hotelApartments: Kind = {
	...readyFlats,
	subType: "Hotel Apartment",
	nameStyle: "hotel",
	share: 0.016,
	offPlan: 0.6,
	price: (area, offPlan) => (offPlan ? area.price.offPlan : area.price.ready),
	salesPerProject: 28,
	unnamed: 0.04,
	rooms: [
		["Studio", 47, -0.78, 0.12],
		["1 B/R", 33, -0.15, 0.2],
		["2 B/R", 16, 0.4, 0.2],
		["3 B/R", 4, 0.8, 0.2],
	],
};

const hotelRooms: Kind = {
	...hotelApartments,
	subType: "Hotel Rooms",
	share: 0.006,
	price: (area) => 1.6 * area.price.ready,
	rooms: [
		["Studio", 86, -0.95, 0.4],
		["1 B/R", 14, -0.3, 0.2],
	],
};

const land: Kind = {
	...readyVillas,
	propertyType: "Land",
	subType: "Residential",
	nameStyle: "land",
	share: 0.08,
	soldIn: (area) => area.sold.land,
	price: (area) => area.price.land,
	salesPerProject: 22,
	unnamed: 0.4,
	levelSpread: 0.25,
	elasticity: -0.25,
	referenceSize: 540,
	rooms: [["", 1, 0, 0.8]],
};

export const KINDS: readonly Kind[] = [
	offPlanFlats,
	readyFlats,
	offPlanVillas,
	readyVillas,
	offices,
	shops,
	hotelApartments,
	hotelRooms,
	land,
];

/** What the register calls a plot, and how often. */
export const LAND_SUB_TYPES = [
	["Residential", 40],
	["Commercial", 31],
	["", 10],
	["General Use", 8],
	["Land", 2],
	["Residential / Villas", 2],
	["Industrial", 1.5],
	["Villa", 1],
	["Residential Flats", 1],
	["Government Housing", 0.5],
	["Labor Camp", 0.4],
] as const;
