import { afterEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { setUp, statusOf, streamOf } from "./http-setup.ts";
import { eventually } from "./support/eventually.ts";

const servers: { stop(force: boolean): unknown }[] = [];

afterEach(async () => {
	for (const server of servers.splice(0)) await server.stop(true);
});

function serve(app: Hono): { url: string; port: number } {
	const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
	servers.push(server);
	return { url: `http://127.0.0.1:${server.port}/things`, port: server.port ?? 0 };
}

/** The head of an answer as it is on the wire, and what follows it. */
async function raw(port: number, request: string): Promise<{ head: string; body: string }> {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	const socket = connect(port, "127.0.0.1", () => socket.write(request));
	let received = "";
	socket.on("data", (bytes) => {
		received += bytes.toString("latin1");
	});
	socket.on("close", () => resolve(received));
	socket.on("error", reject);
	const [head = "", body = ""] = (await promise).split("\r\n\r\n");
	return { head: head.toLowerCase(), body };
}

const ask = (method: string, more = "") =>
	`${method} /things HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`;

describe("on the wire", () => {
	test("18: HEAD has the headers of GET, its length included, and no body", async () => {
		const made = setUp({ answer: (c) => c.text("x".repeat(300)) });
		const { port } = serve(made.app);
		const miss = await raw(port, ask("HEAD"));
		const hit = await raw(port, ask("HEAD"));
		const get = await raw(port, ask("GET"));
		const fields = (head: string) =>
			head
				.split("\r\n")
				.filter((line) => !/^(cache-status|connection):/.test(line))
				.sort();
		expect(fields(miss.head)).toEqual(fields(get.head));
		expect(fields(hit.head)).toEqual(fields(get.head));
		expect(get.head).toContain("content-length: 300");
		expect([miss.body, hit.body, get.body.length]).toEqual(["", "", 300]);
	});

	test("18: 304 has no body and no length of one", async () => {
		const made = setUp({ answer: (c) => c.text("hello") });
		const { port } = serve(made.app);
		const { head, body } = await raw(port, ask("GET", "If-None-Match: *\r\n"));
		expect(head).toStartWith("http/1.1 304");
		expect(head).not.toMatch(/content-length: [1-9]/);
		expect(body).toBe("");
	});

	test.each([
		["text()", (c: Context) => c.text("hello")],
		["body()", (c: Context) => c.body("hello")],
		["body() with headers", (c: Context) => c.body("hello", 200, { "X-Other": "1" })],
		["json()", (c: Context) => c.json("hello")],
		["html()", (c: Context) => c.html("hello")],
		["bytes", (c: Context) => c.body(new TextEncoder().encode("hello"))],
		["a text that is not stored", () => new Response("hello", { status: 404 })],
	])("1: what %s answers has the same type on the wire, from the cache or not", async (_, answer) => {
		const { url } = serve(setUp({ answer }).app);
		const direct = await fetch(serve(new Hono().get("/things", answer)).url);
		const type = direct.headers.get("Content-Type")?.toLowerCase().replaceAll(" ", "");
		for (const response of [await fetch(url), await fetch(url)]) {
			expect(response.headers.get("Content-Type")?.toLowerCase().replaceAll(" ", "")).toBe(type);
			expect(await response.text()).toBe(await direct.clone().text());
		}
	});

	test("27: the first caller disconnects, and the fill goes on for the others", async () => {
		const gate = Promise.withResolvers<void>();
		let aborted = false;
		const made = setUp({
			answer: async (c, run) => {
				c.req.raw.signal.addEventListener("abort", () => {
					aborted = true;
				});
				await gate.promise;
				return c.json({ run });
			},
		});
		const { url } = serve(made.app);
		const first = new AbortController();
		const leaving = fetch(url, { signal: first.signal }).catch((error: Error) => error.name);
		await eventually(() => made.runs() === 1);
		const others = [fetch(url), fetch(url)];
		await Bun.sleep(20);
		first.abort();
		expect(await leaving).toBe("AbortError");
		await Bun.sleep(20);
		gate.resolve();
		for (const response of await Promise.all(others)) {
			expect(await response.json()).toEqual({ run: 1 });
			expect(statusOf(response)).toEqual({ fwd: "uri-miss", collapsed: true });
		}
		expect([made.runs(), aborted]).toEqual([1, false]);
		expect(statusOf(await fetch(url))).toMatchObject({ hit: true });
	});

	test("14: an answer of unknown length is sent on while it comes, and stored at its end", async () => {
		const made = setUp({ answer: (c) => c.body(streamOf(["one ", "two ", "three"], 30)) });
		const { url } = serve(made.app);
		const response = await fetch(url);
		expect(statusOf(response)).toEqual({ fwd: "uri-miss", detail: "streaming" });
		expect(made.events.map((event) => event.type)).not.toContain("filled");
		expect(await response.text()).toBe("one two three");
		await made.cache.settled();
		const hit = await fetch(url);
		expect(statusOf(hit)).toMatchObject({ hit: true });
		expect(await hit.text()).toBe("one two three");
		expect(made.runs()).toBe(1);
	});

	test("14: those who wait for a stream that fits have its copy", async () => {
		const made = setUp({ answer: (c) => c.body(streamOf(["one ", "two"], 30)) });
		const { url } = serve(made.app);
		const texts = await Promise.all([1, 2, 3].map(async () => (await fetch(url)).text()));
		expect(texts).toEqual(["one two", "one two", "one two"]);
		expect(made.runs()).toBe(1);
	});

	test("14, 27: who leaves in the middle of a stream does not end its collecting", async () => {
		const made = setUp({ answer: (c) => c.body(streamOf(["one ", "two ", "three ", "four"], 30)) });
		const { url } = serve(made.app);
		const leaving = new AbortController();
		const response = await fetch(url, { signal: leaving.signal });
		await response.body?.getReader().read();
		leaving.abort();
		await eventually(() => made.events.some((event) => event.type === "filled"));
		expect(await (await fetch(url)).text()).toBe("one two three four");
		expect(made.runs()).toBe(1);
	});

	test("14: a stream over the bound goes on unharmed for its asker, and the others run alone", async () => {
		const chunks = Array.from({ length: 30 }, (_, i) => String(i).repeat(100));
		const made = setUp({ policy: { maxEntryBytes: 1_000 }, answer: (c) => c.body(streamOf(chunks, 3)) });
		const { url } = serve(made.app);
		const texts = await Promise.all([1, 2, 3].map(async () => (await fetch(url)).text()));
		expect(new Set(texts)).toEqual(new Set([chunks.join("")]));
		expect(made.runs()).toBe(3);
		await made.cache.settled();
		expect(made.events.map((event) => event.type)).not.toContain("filled");
	});

	test("14: a source over the bound is read no faster than its asker reads, and stopped when the asker leaves", async () => {
		let pulled = 0;
		let stopped = false;
		const endless = () =>
			new ReadableStream<Uint8Array>({
				async pull(controller) {
					pulled += 1;
					if (pulled % 16 === 0) await Bun.sleep(1);
					controller.enqueue(new Uint8Array(64 * 1024));
				},
				cancel() {
					stopped = true;
				},
			});
		const made = setUp({ answer: (c) => c.body(endless()) });
		const { url } = serve(made.app);
		const leaving = new AbortController();
		const response = await fetch(url, { signal: leaving.signal });
		await response.body?.getReader().read();
		await Bun.sleep(150);
		const before = pulled;
		await Bun.sleep(150);
		// What the sockets hold, not what the source has: that could give some 2,000.
		expect(pulled - before).toBeLessThan(200);
		leaving.abort();
		await eventually(() => stopped);
	});

	test("14: a stream that breaks off breaks off for its asker, and nothing is stored", async () => {
		const breaking = () => {
			let sent = 0;
			return new ReadableStream<Uint8Array>({
				async pull(controller) {
					await Bun.sleep(20);
					sent += 1;
					if (sent > 2) controller.error(new Error("upstream is gone"));
					else controller.enqueue(new TextEncoder().encode("part "));
				},
			});
		};
		const made = setUp({ answer: (c, run) => (run === 1 ? c.body(breaking()) : c.text("whole")) });
		const response = await made.app.request("/things");
		expect(response.status).toBe(200);
		expect(response.text()).rejects.toThrow("upstream is gone");
		await made.cache.settled();
		made.clock.advance(10_000);
		expect(await (await made.app.request("/things")).text()).toBe("whole");
	});

	test("28: a stream that does not end within the timeout goes on for its asker and is not stored", async () => {
		const made = setUp({
			policy: { timeout: 0.1, lease: 0.1 },
			answer: (c) => c.body(streamOf(["one ", "two ", "three ", "four"], 60)),
		});
		const response = await made.app.request("/things");
		expect(await response.text()).toBe("one two three four");
		await made.cache.settled();
		expect(made.events).toContainEqual(expect.objectContaining({ type: "refused", reason: "streaming" }));
	});

	test("14: server-sent events are never shared, and end when their asker leaves", async () => {
		let open = 0;
		const made = setUp({
			answer: (c, run) =>
				streamSSE(c, async (stream) => {
					open += 1;
					stream.onAbort(() => {
						open -= 1;
					});
					for (let i = 0; !stream.aborted; i += 1) {
						await stream.writeSSE({ data: `${run}.${i}` });
						await stream.sleep(10);
					}
				}),
		});
		const { url } = serve(made.app);
		const leaving = new AbortController();
		const answers = await Promise.all([1, 2, 3].map(() => fetch(url, { signal: leaving.signal })));
		const firsts = await Promise.all(
			answers.map(async (answer) => new TextDecoder().decode((await answer.body?.getReader().read())?.value)),
		);
		expect(new Set(firsts).size).toBe(3);
		expect(answers.map(statusOf)).toEqual(answers.map(() => ({ fwd: "uri-miss", detail: "event-stream" })));
		leaving.abort();
		await eventually(() => open === 0);
	});

	test("14: server-sent events are sent on at once, whatever their status", async () => {
		const made = setUp({
			answer: (c) => c.body(new ReadableStream(), 503, { "Content-Type": "text/event-stream" }),
		});
		const response = await made.app.request("/things");
		expect([response.status, statusOf(response)["detail"]]).toEqual([503, "event-stream"]);
		await response.body?.cancel();
	});

	test("14: an answer that says it is too long is sent on at once", async () => {
		const made = setUp({
			policy: { maxEntryBytes: 10 },
			answer: (c) => c.body(streamOf(["123456", "789012"], 30), 200, { "Content-Length": "12" }),
		});
		const response = await made.app.request("/things");
		expect(statusOf(response)).toEqual({ fwd: "uri-miss", detail: "too-large" });
		expect(await response.text()).toBe("123456789012");
	});

	test("14: HEAD for server-sent events does not leave them running", async () => {
		let open = 0;
		const made = setUp({
			answer: (c) =>
				c.body(
					new ReadableStream({
						start: () => {
							open += 1;
						},
						cancel: () => {
							open -= 1;
						},
					}),
					200,
					{ "Content-Type": "text/event-stream" },
				),
		});
		const { url } = serve(made.app);
		expect((await fetch(url, { method: "HEAD" })).headers.get("Content-Type")).toBe("text/event-stream");
		await eventually(() => open === 0);
	});
});
