import { type Model, nameOf, type RouteName, type Thing } from "./model.ts";

export interface Origin {
	readonly url: string;
	/** Answers 503 to everything while this is true. */
	down: boolean;
	readonly runs: number;
	stop(): Promise<void>;
}

/** Tells the handlers what is true: after a while, and as it was when they asked or as it is then. Fails at times. */
export function startOrigin(model: Model, random: () => number, now: () => number): Origin {
	const state = { down: false, runs: 0 };
	const server = Bun.serve({
		hostname: "127.0.0.1",
		port: 0,
		async fetch(request) {
			state.runs += 1;
			const thing = thingAsked(new URL(request.url));
			const latency = random() < 0.1 ? random() * (model.bounds.handlerMs - 50) : 5 + random() * 40;
			const readsFirst = random() < 0.7;
			const fails = random() < 0.02;
			const before = model.versionAt(thing, now());
			await Bun.sleep(latency);
			if (state.down || fails) {
				model.originFailed(thing, now());
				return new Response("the origin is down", { status: 503 });
			}
			return Response.json({ thing, version: readsFirst ? before : model.versionAt(thing, now()) });
		},
	});
	return Object.assign(state, { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) });
}

function thingAsked({ pathname, searchParams }: URL): Thing {
	const [, route, id] = pathname.split("/");
	const caller = searchParams.get("caller");
	const thing = { route: route as RouteName, id: Number(id), ...(caller !== null && { caller }) };
	if (`/${nameOf({ route: thing.route, id: thing.id })}` !== pathname)
		throw new Error(`nobody knows ${pathname}`);
	return thing;
}
