import { printable } from "./units.ts";

/** Where the frames of a live view go. */
export interface Screen {
	/** A terminal, on which each frame takes the place of the one before; else they come one after the other. */
	readonly isLive: boolean;
	show(frame: string): void;
	/** Gives the terminal back as it was. */
	close(): void;
}

const ENTER = "\u001B[?1049h\u001B[?25l";
const LEAVE = "\u001B[?25h\u001B[?1049l";
const HOME = "\u001B[H";
const CLEAR_LINE = "\u001B[K";
const CLEAR_BELOW = "\u001B[J";

/**
 * @param options.plain one line after the other, also on a terminal
 * @param options.onLeave called on Ctrl-C, when the terminal is already as it was
 */
export function openScreen({ plain, onLeave }: { plain: boolean; onLeave(): void }): Screen {
	const { stdout } = process;
	if (plain || !stdout.isTTY) {
		const gap = plain ? "\n" : "\n\n";
		return { isLive: false, show: (frame) => void stdout.write(frame + gap), close() {} };
	}
	let isOpen = true;
	stdout.write(ENTER);

	function close(): void {
		if (!isOpen) return;
		isOpen = false;
		for (const signal of SIGNALS) process.off(signal, leave);
		stdout.write(LEAVE);
	}

	function leave(): void {
		close();
		onLeave();
		// What is being asked of the server need not be waited for.
		process.exit(0);
	}

	for (const signal of SIGNALS) process.on(signal, leave);
	return {
		isLive: true,
		show(frame) {
			// Some terminals do not know how large they are.
			const [rows, columns] = [stdout.rows || 24, stdout.columns || 80];
			const lines = frame.split("\n").slice(0, rows);
			const fitting = lines.map((line) => printable(line).slice(0, columns) + CLEAR_LINE);
			stdout.write(HOME + fitting.join("\r\n") + CLEAR_BELOW);
		},
		close,
	};
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
