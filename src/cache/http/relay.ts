/** What a body came to: its bytes, or that it has more of them than wanted, or was given up on. */
export type Collected = Uint8Array | "too-large" | "given-up";

export interface Relay {
	/** Resolves at the body's end, or as soon as it passes the bound. Rejects when the body breaks off. */
	readonly collected: Promise<Collected>;
	/**
	 * The same body for one reader, from its beginning. While a copy is collected it is read at the source's pace, so the
	 * copy is finished whether anybody reads along or not; afterwards at the reader's pace.
	 */
	stream(): ReadableStream<Uint8Array>;
	/** No copy is wanted any more; whoever reads the stream reads on. */
	giveUp(): void;
	/** Nobody wants anything any more: the source is told, and what waits for the body fails with `reason`. */
	breakOff(reason: unknown): void;
}

/** Collects a body of up to `maxBytes` while one reader may be sent it already. */
export function relay(body: ReadableStream<Uint8Array>, maxBytes: number): Relay {
	const reader = body.getReader();
	const chunks: Uint8Array[] = [];
	let size = 0;
	let sent = 0;
	let state: "collecting" | "complete" | "passing" | "broken" = "collecting";
	let failure: unknown;
	let readerLeft = false;
	let progress = Promise.withResolvers<void>();
	const givenUp = Promise.withResolvers<"given-up">();
	const copying = copy();
	const collected = Promise.race([copying, givenUp.promise]);
	// Whoever is sent the stream may not care about the copy.
	collected.catch(() => {});

	async function copy(): Promise<Collected> {
		try {
			while (state === "collecting") {
				const next = await reader.read();
				if (isBroken()) throw failure;
				if (next.done) {
					state = "complete";
					return joined(chunks, size);
				}
				const chunk = ownBytes(next.value);
				chunks.push(chunk);
				size += chunk.byteLength;
				if (size > maxBytes) state = "passing";
				advance();
			}
			if (readerLeft) await reader.cancel().catch(() => {});
			return "too-large";
		} catch (error) {
			state = "broken";
			failure = error;
			throw error;
		} finally {
			advance();
		}
	}

	function isBroken(): boolean {
		return state === "broken";
	}

	function advance(): void {
		progress.resolve();
		progress = Promise.withResolvers<void>();
	}

	async function nextChunk(): Promise<Uint8Array | undefined> {
		while (sent === chunks.length && state === "collecting") await progress.promise;
		// A read that the copy has begun comes before any other.
		if (sent === chunks.length) await copying.catch(() => {});
		const chunk = chunks[sent];
		if (chunk) {
			sent += 1;
			// The platform may take away what it is handed, and the copy is still needed.
			return chunk.slice();
		}
		if (isBroken()) throw failure;
		return state === "complete" ? undefined : (await reader.read()).value;
	}

	return {
		collected,
		stream() {
			const source: UnderlyingDefaultSource<Uint8Array> = {
				async pull(controller) {
					const chunk = await nextChunk();
					if (chunk === undefined) controller.close();
					else controller.enqueue(chunk);
				},
				async cancel(reason) {
					readerLeft = true;
					if (state === "passing") await reader.cancel(reason);
				},
			};
			return new ReadableStream(source, { highWaterMark: 0 });
		},
		giveUp() {
			if (state !== "collecting") return;
			state = "passing";
			givenUp.resolve("given-up");
			if (readerLeft) reader.cancel().catch(() => {});
		},
		breakOff(reason) {
			if (state !== "collecting") return;
			state = "broken";
			failure = reason;
			reader.cancel(reason).catch(() => {});
		},
	};
}

/**
 * A copy, as its maker may fill the same memory again for the next one. Bun also sends what is no bytes yet.
 *
 * @throws {TypeError} for what nobody could send.
 */
function ownBytes(chunk: unknown): Uint8Array {
	if (chunk instanceof Uint8Array) return chunk.slice();
	if (typeof chunk === "string") return new TextEncoder().encode(chunk);
	if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk.slice());
	if (ArrayBuffer.isView(chunk)) {
		return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength).slice();
	}
	throw new TypeError("A body must come in bytes or text");
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
	const [only] = chunks;
	if (only && chunks.length === 1) return only;
	const bytes = new Uint8Array(size);
	let offset = 0;
	for (const chunk of chunks) {
		bytes.set(chunk, offset);
		offset += chunk.byteLength;
	}
	return bytes;
}
