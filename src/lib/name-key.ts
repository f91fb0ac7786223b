/**
 * Folds a name so that spellings of one place compare equal: Unicode compatibility forms, white space (line breaks
 * too) and letter case do not count; every other character does.
 */
export function nameKey(name: string): string {
	return tidyName(name).toLowerCase();
}

/** The name as people should read it: no stray white space, nothing else changed. */
export function tidyName(name: string): string {
	return name.normalize("NFKC").replace(/\s+/g, " ").trim();
}
