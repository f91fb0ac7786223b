const SIZES = ["B", "kB", "MB", "GB", "TB"];
const UNKNOWN = "-";

/** Decimal, three digits at the least: 999 B, 1.23 kB, 45.6 MB. */
export function size(bytes: number | null | undefined): string {
	if (bytes == null) return UNKNOWN;
	let [value, place] = [bytes, 0];
	while (value >= 999.5 && place < SIZES.length - 1) {
		value /= 1000;
		place += 1;
	}
	return `${place === 0 ? value : value.toPrecision(3)} ${SIZES[place]}`;
}

export function milliseconds(ms: number | null | undefined): string {
	if (ms == null) return UNKNOWN;
	if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
	return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`;
}

/** The two largest units: 45 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. Below 0 with a minus. */
export function duration(seconds: number | null | undefined): string {
	if (seconds == null) return UNKNOWN;
	const whole = Math.round(Math.abs(seconds));
	const parts = [
		[Math.floor(whole / 86_400), "d"],
		[Math.floor(whole / 3600) % 24, "h"],
		[Math.floor(whole / 60) % 60, "min"],
		[whole % 60, "s"],
	] as const;
	const first = parts.findIndex(([count]) => count > 0);
	if (first < 0) return "0 s";
	const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
	return (seconds < 0 ? "-" : "") + shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

export function share(ratio: number | null | undefined): string {
	return ratio == null ? UNKNOWN : `${(ratio * 100).toFixed(1)} %`;
}

export function figure(count: number | null | undefined): string {
	return count == null ? UNKNOWN : count.toLocaleString("en");
}

export function total(counts: Readonly<Record<string, number>>): number {
	return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** `a 3, b 1`, those counted most first. */
export function byWord(counts: Readonly<Record<string, number>>): string {
	const words = Object.entries(counts).sort(([, one], [, other]) => other - one);
	return words.length === 0 ? UNKNOWN : words.map(([word, count]) => `${word} ${figure(count)}`).join(", ");
}

/** Text from elsewhere, so that it cannot steer the terminal. */
export function printable(text: string): string {
	return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\uFFFD");
}
