import { type Family, gauge } from "./family.ts";

/** What an instance knows of itself. What is undefined is left out. */
export interface InstanceState {
	/** Whether /readyz says so. */
	readonly ready?: boolean | undefined;
	/** Whether it is working out answers that nobody asked for yet. */
	readonly warming?: boolean | undefined;
	/** Of the market's data. */
	readonly dataVersion?: number | undefined;
	/** Of the valuation's model in use. */
	readonly modelVersion?: string | undefined;
	/** Seconds since the views over the market were made anew. */
	readonly viewsAgeS?: number | undefined;
}

export interface InstanceSource {
	readonly state: InstanceState;
}

/** How the instance is. */
export const instanceFamilies: readonly Family<InstanceSource>[] = [
	gauge("retyn_ready", "1 while a balancer may send requests here.", ({ state }) => flag(state.ready)),
	gauge("retyn_warming", "1 while answers are worked out before they are asked for.", ({ state }) =>
		flag(state.warming),
	),
	gauge("retyn_data_version", "Version of the market's data; rises with each change.", ({ state }) => {
		return state.dataVersion;
	}),
	{
		name: "retyn_model_info",
		help: "1, with the version of the valuation's model in use.",
		type: "gauge",
		samples: ({ state: { modelVersion: version } }) =>
			version === undefined ? [] : [{ labels: { version }, value: 1 }],
	},
	gauge("retyn_views_refreshed_seconds", "Seconds since the views were made anew.", ({ state }) => {
		return state.viewsAgeS;
	}),
];

function flag(value: boolean | undefined): number | undefined {
	return value === undefined ? undefined : Number(value);
}
