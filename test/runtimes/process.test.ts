import { beforeAll } from "bun:test";
import { useServers } from "../support/servers.ts";
import { behaviour } from "./behaviour.ts";
import type { Place } from "./place.ts";

const ground = useServers({ live: "file" });
let place: Place;

beforeAll(async () => {
	const { url } = await ground.start();
	place = { origin: url, signsIn: true, database: ground.database, redis: ground.redis };
}, 60_000);

behaviour(Bun.env["SERVER_RUNTIME"] === "node" ? "Node" : "Bun", () => place);
