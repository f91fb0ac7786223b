// apicache in front of Express's routes, keeping answers in memory, as it does unless told otherwise. It has no single
// flight: requests for what is being made are all passed on.
import apicache from "apicache";
import express from "express";
import { origin } from "./node-origin.mjs";

const app = express();
const cache = apicache.middleware;

app.disable("x-powered-by");
app.get("/runs", (_, response) => {
	response.type("text").send(String(origin.runs));
});
app.get("/work/:id", cache("1 hour"), async (request, response) => {
	response.type("json").send(await origin.work(request.params.id));
});
app.get("/payload/:kind/:id", cache("1 hour"), (request, response) => {
	response.type("json").send(origin.payload(request.params.kind, request.params.id));
});

const server = app.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
server.keepAliveTimeout = 120_000;
