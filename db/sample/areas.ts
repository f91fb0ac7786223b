/**
 * The places of the made-up market. The names are real ones, spelt as the Department spells them; every figure is a
 * made-up round number of about the right height.
 */
export interface SampleArea {
	/** As sales name it. */
	name: string;
	/** As rental contracts name it: the cadastral area. */
	rentalName: string;
	/** AED per m2: of ready flats, of new flats, of villas and of land. */
	price: { ready: number; offPlan: number; villa: number; land: number };
	/** AED per m2 and year for a newly let flat. */
	rent: number;
	/** How much is sold here, of each kind, against the other areas. */
	sold: {
		offPlanFlats: number;
		readyFlats: number;
		offPlanVillas: number;
		readyVillas: number;
		land: number;
	};
	/** How many homes are let here, against the other areas. */
	let: number;
}

/**
 * sales name | rental name | AED per m2: ready flats, new flats, villas, land; rent |
 * sold: new flats, ready flats, new villas, ready villas, land; let
 */
const TABLE = `
	JUMEIRAH VILLAGE CIRCLE       | Al Barsha South Fourth          | 13500 16800 18000 11500 1010  870 580   0 30  10 1850
	JUMEIRAH VILLAGE TRIANGLE     | Al Barsha South Fifth           | 14000 18200 20500 11500 1050  380  60   0  5  16  200
	BUSINESS BAY                  | Business Bay                    | 19500 29000 30000 60000 1290  420 310   0  0   2 1250
	BUSINESS PARK                 | Al Thanyah Third                | 21000 36500 26000 18000 1190  300   0   0  0   1  200
	DUBAI MARINA                  | Marsa Dubai                     | 19000 28500 17000 40000 1190   60 250   0  1   0  950
	DUBAI HARBOUR                 | Marsa Dubai                     | 35500 48500 40000 50000 1900   40  45   0  0   0   90
	JUMEIRAH BEACH RESIDENCE      | Marsa Dubai                     | 17500 33000 30000 40000 1250    0  57   0  0   0  150
	BURJ KHALIFA                  | Burj Khalifa                    | 26000 36500 30000 70000 1700   85 195   0  0   0 1050
	PALM JUMEIRAH                 | Palm Jumeirah                   | 28500 60000 66000 56000 1530   60  92   1 12  11  260
	PALM DEIRA                    | Palm Deira                      | 24000 30000 31000 17000 1250  760   0   0  0   9   20
	Palm Jabal Ali                | Palm Jabal Ali                  | 25000 37000 36000 35500 1300   45   0  12  0  47    5
	JUMEIRAH LAKES TOWERS         | Al Thanyah Fifth                | 15300 24000 20000 22000 1110  100 120   0  0   0  450
	JUMEIRAH HEIGHTS              | Al Thanyah Fifth                | 19000 26500 21000 20000 1090  165  10   0  4   1   60
	JUMEIRAH PARK                 | Al Thanyah Fifth                | 16000 24000 16500 15000 1080    0   0   0 22   4   80
	DUBAI LAND RESIDENCE COMPLEX  | Wadi Al Safa 5                  |  9100 15700 15000 13200  760  950  75   0  0   4  420
	VILLANOVA                     | Wadi Al Safa 5                  | 10000 15500 15700 14800  770    0   0  20 30   2  210
	MAJAN                         | Wadi Al Safa 3                  |  9300 16400 15500 10500  780  640 140   0  0   2  260
	AL BARARI                     | Wadi Al Safa 3                  | 18500 31500 30000 34000 1010   30  28  25  5   5   50
	LIVING LEGENDS                | Wadi Al Safa 3                  | 12000 13600 16500  9000  800   45  10   0  2   5   70
	LIWAN                         | Wadi Al Safa 2                  |  9500 15000  9500 10500  800   52  70   0  0   1  380
	FALCON CITY OF WONDERS        | Wadi Al Safa 2                  | 10500 17300 11500  9700  790   60   0   0  3   4   40
	SILICON OASIS                 | Nadd Hessa                      | 12000 16900 14500 13100  830   95  30   0  2   4  980
	CITY OF ARABIA                | Wadi Al Safa 4                  |  8200 18400 15000  4900  820  360   2   4  1   6   40
	ARJAN                         | Al Barshaa South Third          | 14800 18400 16500 11000 1090  330 170   0  0   1  800
	DUBAI SCIENCE PARK            | Al Barshaa South Second         | 15000 19200 17000 17400 1060  197  22   0  0   2  140
	DUBAI PRODUCTION CITY         | Me'Aisem First                  | 10600 14900 16000  9400 1000  370 104   0  0   3  640
	JUMEIRAH GOLF                 | Me'Aisem First                  | 16100 24500 31000 25300 1040    0  12   4  8  15  130
	Me'Aisem First                | Me'Aisem First                  | 16000 24000 42000 21400 1040    0   0   5  3  90   20
	DUBAI SPORTS CITY             | Al Hebiah Fourth                | 10600 15000 17000 18000  860  240 140   0  3  10  500
	TILAL AL GHAF                 | Al Hebiah Fourth                | 17000 23500 25500 22300  900   12   0   8 28  17   90
	DUBAI STUDIO CITY             | Al Hebiah Second                | 15000 16700 17500  8600 1230  147  64   0  0   1  130
	MOTOR CITY                    | Al Hebiah First                 | 11000 19300 16000 14000  810  255  85   0  4   0  160
	DAMAC HILLS                   | Al Hebiah Third                 | 14600 19400 20500 14800 1120   94  63   4 12  30  270
	REMRAAM                       | Al Hebiah Fifth                 | 10500 15300 15000 12000  860    0  31   0  0   0  330
	Al Hebiah Fifth               | Al Hebiah Fifth                 | 13000 19900 15300 17400  860  333   0  52  0 144   80
	MUDON                         | Al Hebiah Sixth                 | 15400 19000 16500 15300  890    0   4  12 18  18  100
	AL FURJAN                     | Jabal Ali First                 | 13900 15200 20100 14800  950  128  90   0 13  18  640
	DISCOVERY GARDENS             | Jabal Ali First                 | 10100 15000 15000 30000  930    0 142   0  0   0  640
	Jabal Ali First               | Jabal Ali First                 | 15900 17700 17500  2400  950  470  10   0  0  88  320
	DOWN TOWN JABAL ALI           | Jabal Ali Industrial Second     | 15400 17800 17000 25000  990  112  18   0  0   0   60
	Madinat Al Mataar             | Madinat Al Mataar               | 14600 18200 14200   500  900 1900  87   0 20  44  220
	DUBAI SOUTH                   | Madinat Al Mataar               | 11500 15000 19000  7500  890  150 112   0  2   2  250
	EMAAR SOUTH                   | Madinat Al Mataar               | 12000 15100 15300 11000  890    5   9   8 22   2   90
	DUBAI HILLS                   | Hadaeq Sheikh Mohammed Bin Rashid| 24800 25600 22200 24000 1500   75 110   0 18  20  320
	MEYDAN ONE                    | Al Merkadh                      | 21500 24600 24000 15500 1380   73 118   0  0   4  420
	SOBHA HEARTLAND               | Al Merkadh                      | 21400 22000 39000 33000 1400   30 132   0  2   3  260
	MEYDAN AVENUE                 | Nad Al Shiba First              | 16400 23500 20000 23500  990   10  30   0  0   0  120
	Nad Al Shiba First            | Nad Al Shiba First              | 16500 22700 29600 23500  990   21   0  35  4  40   60
	DUBAI CREEK HARBOUR           | Al Khairan First                | 25100 26500 24000 30000 1390  200 172   0  0   0 1250
	CITY WALK                     | Al Wasl                         | 28800 34000 30000 12500 1560   15  35   0  0   0  100
	Al Wasl                       | Al Wasl                         | 32000 36000 28000 12500 1500  155   5   0  0   3  100
	Al Satwa                      | Al Satwa                        | 18500 24700 15000 21500 1030  257  14   0  0   4  320
	INTERNATIONAL CITY PH 1       | Al Warsan First                 |  7000 12000 10000 13300  670   64 154   0  0   8 1450
	INTERNATIONAL CITY PH 2 & 3   | Warsan Fourth                   |  8900 13300 10500  7000  830  164  64   0  0   8  620
	DUBAI MARITIME CITY           | Madinat Dubai Almelaheyah       | 23000 35400 25000 20000 1030  250   4   0  0   0  120
	DUBAI HEALTHCARE CITY - PHASE 2| Al Jadaf                        | 19700 22200 18000 20000  990   51  58   0  0   0  220
	JADDAF WATERFRONT             | Al Jadaf                        | 19400 20400 18000 45000  990   42  17   0  0   0  250
	DUBAI INVESTMENT PARK FIRST   | Dubai Investment Park First     | 11800 15800 15500 16000  840   90  12   0  0  22  220
	DUBAI INVESTMENT PARK SECOND  | Dubai Investment Park Second    | 12000 15700 20000 21500  920  140  12  82  0  23  170
	DUBAI INDUSTRIAL CITY         | Saih Shuaib 2                   | 11300 15500  9500   400  930   95   4   2  2   5   90
	TOWN SQUARE                   | Al Yelayiss 2                   | 14100 15000 14100 12000 1080   13  67   0 15   0  330
	Al Yelayiss 2                 | Al Yelayiss 2                   | 15000 18800 15400 14000 1070  147  34  20 21   0   60
	MIRA                          | Al Yelayiss 1                   | 12500 17500 13200 19500  800    0   0   0 27   0  110
	Al Yelayiss 1                 | Al Yelayiss 1                   | 13000 18000 19600 19800  800    0   0 814  0  67   20
	Al Yelayiss 5                 | Al Yelayiss 5                   | 13000 18000 16000 15900  800    0   0  10  0 225    5
	Saih Shuaib 1                 | Saih Shuaib 1                   | 14000 20000 29000  3300  850    0   0  93  0   1    5
	THE VALLEY                    | Al Yufrah 1                     | 14000 20000 15000 12700  790   10   0  45 30  40   60
	Madinat Hind 4                | Madinat Hind 4                  | 11100 13900 12500 11200 1000   10  11   4  4 153  260
	ARABIAN RANCHES I             | Wadi Al Safa 6                  | 13500 18000 15600 14700  900    0   4   0 16  20   80
	ARABIAN RANCHES III           | Wadi Al Safa 5                  | 13500 18000 17500 15000  900    0   0  15 22   8  110
	SERENA                        | Wadi Al Safa 7                  | 12500 17000 15500 15000  870    0   0   0 18   0   90
	Wadi Al Safa 7                | Wadi Al Safa 7                  | 12600 17000 14500 15400  860    0  10  33 16  10   80
	EMIRATE LIVING                | Al Thanayah Fourth              | 15000 21000 18000 20500 1020    0   0   0 52  16  140
	THE GREENS                    | Al Thanyah Third                | 19700 25000 20000 24000 1200    0  60   0  0   0  200
	BARSHA HEIGHTS                | Al Thanyah First                | 12400 20000 16000 45000  970    0  10   0  0   1  350
	SUFOUH GARDENS                | Al Safouh First                 | 17700 27000 22000 20000 1080    5   9   0  0   2   60
	Mirdif                        | Mirdif                          | 12500 14500 13000  5600  700    8  10   0  2   9  480
	Al Barsha First               | Al Barsha First                 | 12400 19400 14000 25000  890   16   4   0  1   0  900
`;

export const SAMPLE_AREAS: readonly SampleArea[] = TABLE.trim()
	.split("\n")
	.map((line) => {
		const [name = "", rentalName = "", figures = ""] = line.split("|").map((cell) => cell.trim());
		const column = figures.split(/\s+/).map(Number);
		const figure = (index: number) => column[index] ?? Number.NaN;
		return {
			name,
			rentalName,
			price: { ready: figure(0), offPlan: figure(1), villa: figure(2), land: figure(3) },
			rent: figure(4),
			sold: {
				offPlanFlats: figure(5),
				readyFlats: figure(6),
				offPlanVillas: figure(7),
				readyVillas: figure(8),
				land: figure(9),
			},
			let: figure(10),
		};
	});

/** One place under two spellings, or two names: the share of its sales that carry the other one. */
export const OTHER_NAMES: Readonly<Record<string, readonly [other: string, share: number]>> = {
	"BUSINESS BAY": ["Business Bay", 0.05],
	"PALM JUMEIRAH": ["Palm Jumeirah", 0.04],
	"PALM DEIRA": ["Palm Deira", 0.85],
	"DUBAI INVESTMENT PARK FIRST": ["Dubai Investment Park First", 0.6],
	"DUBAI INVESTMENT PARK SECOND": ["Dubai Investment Park Second", 0.8],
	"TILAL AL GHAF": ["Al Hebiah Fourth", 0.6],
};

/** Communities that lie in two cadastral areas: the share of their projects in the second. */
export const SECOND_RENTAL_NAMES: Readonly<Record<string, readonly [other: string, share: number]>> = {
	MUDON: ["Al Hebiah Third", 0.35],
	"Madinat Hind 4": ["Al Yufrah 2", 0.45],
	"FALCON CITY OF WONDERS": ["Nadd Hessa", 0.4],
};

/** Old quarters where homes are let and hardly ever sold: name, AED per m2 and year for a flat, homes let. */
export const RENTAL_ONLY_AREAS: readonly (readonly [name: string, rent: number, homes: number])[] = [
	["Al Karama", 1030, 850],
	["Al Nahda Second", 640, 920],
	["Al Nahda First", 650, 720],
	["Al Murqabat", 750, 700],
	["Muhaisanah Fourth", 630, 760],
	["Mankhool", 840, 660],
	["Al Warqa First", 700, 660],
	["AL QUSAIS", 690, 680],
	["Al Goze Industrial Second", 670, 520],
	["Al Qusais Industrial Fifth", 570, 480],
	["Al Suq Al Kabeer", 910, 400],
	["Naif", 950, 380],
	["Al Raffa", 880, 470],
	["Al Muteena", 810, 330],
	["Al Mararr", 940, 300],
	["Hor Al Anz", 760, 260],
	["Hor Al Anz East", 690, 230],
	["Oud Metha", 770, 280],
	["Trade Center First", 990, 260],
	["Nad Al Hamar", 750, 220],
	["Al Bada", 960, 230],
	["Al Hamriya", 880, 270],
	["Al Mamzer", 650, 240],
	["Jumeirah First", 1380, 170],
	["Port Saeed", 700, 150],
];
