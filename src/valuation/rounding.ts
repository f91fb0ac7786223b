/** Three significant digits more than the evidence carries would be a false promise: whole thousands, hundreds below. */
export function roundMoney(value: number): number {
	const step = value >= 200_000 ? 1_000 : 100;
	return Math.round(value / step) * step;
}

/** Four decimals. */
export function share(value: number): number {
	return Math.round(value * 1e4) / 1e4;
}

export function roomsName(rooms: number | null): string | null {
	if (rooms === null) return null;
	return rooms === 0 ? "Studio" : `${rooms} B/R`;
}
