import type { Random } from "../../src/lib/random.ts";

/** Coined syllables: the words they make are the name of no development that the real files know. */
const STARTS =
	"Vel Zor Quil Tam Nuv Ork Bryn Fal Ild Jev Kyr Lum Mav Onz Pel Rhud Sov Thal Umbr Wyn Yth Drov".split(" ");
const MIDDLES = "a e i o or an il um en es".split(" ");
const ENDS = "mira vane dross tessa quen lith bazine fira goth dova rune zell kandra plisse wick".split(" ");

const SUFFIXES = {
	tower: [
		"Residences",
		"Heights",
		"Tower",
		"Residence",
		"Towers",
		"Gardens",
		"Views",
		"House",
		"Avenue",
		"Park",
	],
	villas: ["Villas", "Townhouses", "Meadows", "Gardens", "Mansions", "Grove", "Village"],
	office: ["Business Tower", "Offices", "Square", "Business Centre", "Commerce House"],
	hotel: ["Hotel Residences", "Suites", "Hotel", "Hotel Apartments"],
	land: ["Plots", "Estate", "Land Phase", "District"],
} as const;

export type NameStyle = keyof typeof SUFFIXES;

/** One project's name in each way that the files write it. */
export interface Spelling {
	/** With the stray spaces and line breaks of its registration. */
	usual: string;
	/** The same name in other letters, on this share of the rows. */
	twin: string;
	twinShare: number;
}

/** @returns a function that coins one new name a call, and now and then a further phase of a former one. */
export function createNames(random: Random): (style: NameStyle) => Spelling {
	const words = STARTS.flatMap((start) =>
		MIDDLES.flatMap((middle) => ENDS.map((end) => start + middle + end)),
	);
	const used = new Set<string>();
	const makers = ["Quildova", "Zorlith", "Thalwick", "Velitessa", "Nuvorune"];
	let lastWord = "";

	function coin(style: NameStyle): string {
		const word = lastWord !== "" && random.chance(0.25) ? lastWord : random.pick(words);
		lastWord = word;
		const name = `${word} ${random.pick(SUFFIXES[style])}`;
		if (random.chance(0.22)) return `${name} ${random.integer(1, 4)}`;
		return random.chance(0.1) ? `${name} By ${random.pick(makers)}` : name;
	}

	return (style) => {
		let name = coin(style);
		while (used.has(name)) name = coin(style);
		used.add(name);
		return spell(name, random);
	};
}

function spell(name: string, random: Random): Spelling {
	const capitals = random.chance(0.35);
	const usual = capitals ? name.toUpperCase() : name;
	const twin = capitals ? name : name.toUpperCase();
	const twinShare = random.chance(0.03) ? random.between(0.05, 0.5) : 0;
	const dirt = random.next();
	if (dirt < 0.08) return { usual: `${usual} `, twin, twinShare };
	if (dirt < 0.115) return { usual: usual.replace(" ", "  "), twin, twinShare };
	if (dirt < 0.12) return { usual: `${usual}\r\n`, twin, twinShare };
	if (dirt < 0.124) return { usual: usual.replace(" ", "\n"), twin, twinShare };
	return { usual, twin, twinShare };
}
