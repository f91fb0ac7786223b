import { createRandom, type Random } from "../../src/lib/random.ts";
import { roundTo, twoDecimals } from "./arithmetic.ts";
import { createCalendar, officeSecond, type SampleCalendar, SPAN_DAYS } from "./calendar.ts";
import { createLettings, type Letting } from "./lettings.ts";
import { SAMPLE_MARK, type SampleOptions, sampleProjects } from "./sales.ts";

export const RENTS_IN_ALL = 60_000;
const RENTS_STREAM = 3;
const DAY_SECONDS = 24 * 3600;

interface Contract extends Letting {
	day: number;
	second: number;
	startDay: number;
	/** Length of the contract in days, both ends included. */
	days: number;
}

const LENGTHS = [
	[365, 911],
	[366, 4],
	[396, 11],
	[730, 8],
	[1096, 7],
	[92, 5],
	[184, 8],
	[1826, 3],
] as const;

/** First day of the contract against its registration. */
const STARTS: readonly (readonly [days: readonly [from: number, to: number], weight: number])[] = [
	[[-110, -40], 10],
	[[-40, -10], 17],
	[[-10, 0], 30],
	[[0, 0], 14],
	[[1, 15], 15],
	[[15, 60], 14],
];

/**
 * Made-up rental contracts in the columns of the Department's website, in the order of their registration: 60,000 over
 * seven months, the same for the same options on every machine. They have no number, so `MASTER_PROJECT_EN` says that
 * they are a sample. Throws on an `endDay` that is not a date.
 */
export function* sampleRents(options: SampleOptions): Generator<Record<string, string>> {
	const calendar = createCalendar(options.endDay);
	const random = createRandom(options.seed, RENTS_STREAM);
	const nextLetting = createLettings(sampleProjects(options.seed), random);
	const contracts: Contract[] = [];
	while (contracts.length < RENTS_IN_ALL) {
		const contract = signed(soil(nextLetting(), random), calendar, random);
		contracts.push(contract);
		if (random.chance(0.035)) contracts.push(...registeredAgain(contract, random));
	}
	contracts.length = RENTS_IN_ALL;
	const mistyped = contracts.find((contract) => contract.subType === "Flat");
	if (mistyped) mistyped.size = 390_000_000;
	contracts.sort((a, b) => a.day - b.day || a.second - b.second);
	for (const contract of contracts) yield toRecord(contract, calendar);
}

/** Flats of one m2, and contracts over many units that look like one flat. */
function soil(letting: Letting, random: Random): Letting {
	if (letting.subType !== "Flat") return letting;
	if (random.chance(0.017)) return { ...letting, size: 1 };
	if (random.chance(0.014)) {
		const units = random.integer(2, random.chance(0.2) ? 90 : 8);
		const size = random.chance(0.4) ? roundTo(letting.size * units, 0.01) : letting.size;
		return { ...letting, size, rent: roundTo(letting.rent * units, 0.01) };
	}
	return random.chance(0.0001) ? { ...letting, rent: 0 } : letting;
}

function signed(letting: Letting, calendar: SampleCalendar, random: Random): Contract {
	let day = random.integer(0, SPAN_DAYS - 1);
	while (!calendar.opensOn(day, random)) day = random.integer(0, SPAN_DAYS - 1);
	const [earliest, latest] = random.weighted(STARTS);
	return {
		...letting,
		day,
		second: officeSecond(random),
		startDay: day + random.integer(earliest, latest),
		days: random.weighted(LENGTHS),
	};
}

/** Landlords of many equal units register them one after the other: only the time of registration differs. */
function registeredAgain(contract: Contract, random: Random): Contract[] {
	const copies = random.chance(0.7) ? random.integer(1, 2) : random.integer(2, 12);
	return Array.from({ length: copies }, (_, copy) => ({
		...contract,
		second: Math.min(DAY_SECONDS - 1, contract.second + (copy + 1) * random.integer(15, 70)),
	}));
}

function toRecord(contract: Contract, calendar: SampleCalendar): Record<string, string> {
	const { days, rent } = contract;
	const years = days === 365 || days === 366 ? 1 : days / 365;
	return {
		REGISTRATION_DATE: calendar.instant(contract.day, contract.second),
		START_DATE: calendar.instant(contract.startDay, 0),
		END_DATE: calendar.instant(contract.startDay + days - 1, 0),
		VERSION_EN: contract.renewed ? "Renewed" : "New",
		AREA_EN: contract.area,
		CONTRACT_AMOUNT: twoDecimals(rent * years),
		ANNUAL_AMOUNT: twoDecimals(rent),
		IS_FREE_HOLD_EN: contract.freehold ? "Free Hold" : "Non Free Hold",
		ACTUAL_AREA: twoDecimals(contract.size),
		PROP_TYPE_EN: contract.propertyType,
		PROP_SUB_TYPE_EN: contract.subType,
		ROOMS: contract.rooms,
		USAGE_EN: contract.usage,
		NEAREST_METRO_EN: "",
		NEAREST_MALL_EN: "",
		NEAREST_LANDMARK_EN: "",
		PARKING: "",
		TOTAL_PROPERTIES: "",
		MASTER_PROJECT_EN: SAMPLE_MARK,
		PROJECT_EN: contract.project,
	};
}
