/** What a valuation rests on, as errors differ by it. */
export const SUPPORTS = ["project", "new-project", "area"] as const;
/** The project's own sales; a project without any before the day; or no project named. */
export type Support = (typeof SUPPORTS)[number];
