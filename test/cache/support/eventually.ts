/** Asks again until `check` stops throwing or answers true, for effects that other processes bring about. */
export async function eventually(check: () => unknown, withinMs = 5_000): Promise<void> {
	const end = performance.now() + withinMs;
	for (;;) {
		let reason: unknown = new Error("the condition did not become true in time");
		try {
			if ((await check()) !== false) return;
		} catch (error) {
			reason = error;
		}
		if (performance.now() > end) throw reason;
		await Bun.sleep(10);
	}
}
