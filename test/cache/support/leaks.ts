/**
 * Preloaded by `bun test` (bunfig.toml). Fails a file that leaves something open behind: a timer that keeps the process
 * alive, a socket, a listening server, a listener on `process`. Bun itself fails a test on an unhandled rejection or an
 * uncaught exception; the moment that is waited here lets those come out that follow the last test.
 */
import { afterAll } from "bun:test";
import http from "node:http";
import net from "node:net";

/** Milliseconds that what was closed may take to be gone; ioredis gives the other end of a socket 2 s. */
const GRACE = 2_500;
/** Milliseconds after the last test within which whatever it left floating comes down. */
const AFTERMATH = 10;

interface Watched {
	what: string;
	/** Its stack says who opened it. */
	opened: Error;
	isOpen(): boolean;
}

/** `_destroyed`: it has fired for the last time, or was cleared. */
type Timer = NodeJS.Timeout & { readonly _destroyed: boolean };

type Listener = (...args: unknown[]) => void;

let watched: Watched[] = [];
let pruneAt = 1_000;

watchTimers("setTimeout");
watchTimers("setInterval");
watchSockets();
watchListening(net.Server.prototype);
watchListening(http.Server.prototype as unknown as net.Server);
watchBunServe();
watchProcess();

afterAll(async () => {
	await Bun.sleep(AFTERMATH);
	const end = performance.now() + GRACE;
	while (leaks().length > 0 && performance.now() < end) await Bun.sleep(10);
	const found = leaks();
	if (found.length > 0) throw new Error(`Left open by this file:\n${found.join("\n")}`);
});

function leaks(): string[] {
	// What Node's modules open by way of Bun's is known by its first name.
	const open = watched.filter((one) => one.isOpen() && !one.opened.stack?.includes(`${import.meta.path}:`));
	return open.map(({ what, opened }) => `- ${what}, opened ${placesIn(opened)}`);
}

function watch(what: string, isOpen: () => boolean, opener: (...args: never[]) => unknown): void {
	if (watched.length >= pruneAt) {
		watched = watched.filter((one) => one.isOpen());
		pruneAt = Math.max(1_000, 2 * watched.length);
	}
	const opened = new Error(what);
	Error.captureStackTrace(opened, opener);
	watched.push({ what, opened, isOpen });
}

function placesIn({ stack = "" }: Error): string {
	const frames = stack.split("\n").filter((line) => line.includes("/") && !line.includes("/node_modules/"));
	return frames.length === 0 ? "by a package" : frames.map((line) => line.trim()).join(", ");
}

function watchTimers(name: "setTimeout" | "setInterval"): void {
	const target: Record<string, (work: unknown, ms?: number, ...rest: unknown[]) => Timer> =
		globalThis as never;
	const original = target[name];
	if (!original) throw new Error(`there is no ${name}`);
	target[name] = Object.assign(function wrapper(work: unknown, ms = 0, ...rest: unknown[]) {
		const timer = original(work, ms, ...rest);
		watch(`a timer (${name}, ${ms} ms)`, () => !timer._destroyed && timer.hasRef(), wrapper);
		return timer;
	}, original);
}

function watchSockets(): void {
	const prototype: { connect(...args: unknown[]): net.Socket } = net.Socket.prototype as never;
	const { connect } = prototype;
	prototype.connect = function wrapper(this: net.Socket, ...args: unknown[]) {
		const socket = connect.apply(this, args);
		watch("a socket", () => !socket.destroyed, wrapper);
		return socket;
	};
}

function watchListening(server: net.Server): void {
	const prototype: { listen(...args: unknown[]): net.Server } = server as never;
	const { listen } = prototype;
	prototype.listen = function wrapper(this: net.Server, ...args: unknown[]) {
		const listening = listen.apply(this, args);
		watch("a listening server", () => listening.listening, wrapper);
		return listening;
	};
}

function watchBunServe(): void {
	const target: { serve(options: unknown): { stop(now?: boolean): unknown } } = Bun as never;
	const { serve } = target;
	target.serve = function wrapper(options: unknown) {
		const server = serve(options);
		const stop = server.stop.bind(server);
		let open = true;
		server.stop = (now) => {
			open = false;
			return stop(now);
		};
		watch("a listening server (Bun.serve)", () => open, wrapper);
		return server;
	};
}

function watchProcess(): void {
	const target: { on(event: string, listener: Listener): typeof process } = process as never;
	const { on } = target;
	target.on = function wrapper(event: string, listener: Listener) {
		const listens = () => process.rawListeners(event).includes(listener);
		watch(`a listener of process on "${event}"`, listens, wrapper);
		return on.call(process, event, listener);
	};
}
