/**
 * How instances tell each other what must be forgotten. What is heard is a hint to forget, never to believe: a message
 * that was made up costs a miss, one that was lost is made up for by `onGap` and by the bound on what memory keeps.
 */
export interface Bus {
	/** Tells every other instance. @throws when it could not be sent; whoever is on the bus then has a gap. */
	publish(topic: string, items: readonly string[]): Promise<void>;
	/** Hears what other instances publish, until the returned function is called. */
	on(topic: string, listener: (items: readonly string[]) => void): () => void;
	/** Called when the link is back after it was lost: messages may have been missed. */
	onGap(listener: () => void): () => void;
	/** False while nothing can be heard. */
	readonly connected: boolean;
	close(): Promise<void>;
}

/** Topics of the cache itself. */
export const PURGED_TAGS = "purged-tags";
export const EXPIRED_TAGS = "expired-tags";
export const EVICTED_KEYS = "evicted-keys";
