import { gathered } from "../../../src/cache/gathered.ts";
import type { CacheStore, Coordination, ReadTogether } from "../../../src/cache/store.ts";
import { createMemoryStore } from "../../../src/cache/stores/memory.ts";
import { createTestClock } from "./clock.ts";

type Read = NonNullable<Coordination["readTogether"]>;

/** A memory store that can be read together; what it is asked is written down, and `around` can hold it up or fail it. */
export function readsTogether() {
	const clock = createTestClock();
	const memory = createMemoryStore({ clock, maxBytes: 4 * 1024 * 1024 });
	const inner = memory.coordination as Coordination;
	const asked: { keys: readonly string[]; tags: readonly string[] }[] = [];
	const single: string[] = [];
	const rule: { around: (answer: ReadTogether) => ReadTogether | Promise<ReadTogether> } = {
		around: (answer) => answer,
	};
	// Reads what there is now, also where the answer is held up on its way back.
	const readTogether: Read = (keys, tags) => {
		asked.push({ keys, tags });
		const hits = keys.map((key) => memory.get(key)) as ReadTogether["hits"];
		return Promise.resolve(rule.around({ hits, marks: inner.generations(tags) as string[] }));
	};
	const plain: CacheStore = {
		...memory,
		get: (key) => {
			single.push(key);
			return memory.get(key);
		},
		coordination: { ...inner, readTogether },
	};
	const store = gathered(plain);
	const mark = (tag: string) => (inner.generations([tag]) as string[])[0] as string;
	return {
		clock,
		memory,
		/** Of a tag, now. */
		mark,
		plain,
		store,
		shared: store.coordination as Required<Coordination>,
		asked,
		single,
		rule,
	};
}
