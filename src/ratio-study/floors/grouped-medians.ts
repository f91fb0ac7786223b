import { median } from "../median.ts";

interface Group {
	readonly values: number[];
	/** undefined after something came in. */
	median: number | undefined;
}

/** A median for each group, worked out when asked for and kept until the group grows: a study asks often and adds daily. */
export class GroupedMedians {
	private readonly groups = new Map<string, Group>();

	add(key: string, value: number): void {
		const group = this.groups.get(key);
		if (!group) {
			this.groups.set(key, { values: [value], median: undefined });
			return;
		}
		group.values.push(value);
		group.median = undefined;
	}

	/** null for a group of nothing. */
	of(key: string): number | null {
		const group = this.groups.get(key);
		if (!group) return null;
		group.median ??= median(group.values);
		return group.median;
	}
}
