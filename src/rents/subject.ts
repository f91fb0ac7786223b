/** What is to be valued, as far as its rent is concerned. */
export interface RentSubject {
	readonly propertyType: string;
	/** Areas whose rental contracts speak for the place. */
	readonly areaIds: readonly number[];
	/** The project, as rental contracts name it in those areas; empty where none is named, or none is known by that name. */
	readonly projectIds: readonly number[];
	/** Whether a project is named, known or not. */
	readonly namesProject: boolean;
	readonly sizeSqm: number;
	/** 0 is a studio; null when not said. */
	readonly rooms: number | null;
	/** The day of the valuation in Dubai, counted from 1970-01-01: only contracts that were known before it count. */
	readonly day: number;
}
