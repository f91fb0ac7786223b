import { stdin, stdout } from "node:process";
import { text } from "node:stream/consumers";
import { TerminalError } from "./terminal.ts";

/**
 * Asks twice, without echo, on a terminal; reads the first line of what is piped in otherwise.
 *
 * @throws {TerminalError} when somebody pressed Ctrl-C or Ctrl-D at the prompt
 */
export async function readPassword(): Promise<string> {
	if (!stdin.isTTY) return (await text(stdin)).split(/\r?\n/, 1)[0] ?? "";
	for (;;) {
		const once = await askHidden("Password: ");
		if (once === (await askHidden("The same again: "))) return once;
		stdout.write("These were two different passwords. Try again.\n");
	}
}

/** Raw mode hands over every key as it is pressed, so editing and cancelling are done here. */
function askHidden(question: string): Promise<string> {
	stdin.setRawMode(true);
	stdout.write(question);
	stdin.setEncoding("utf8");
	stdin.resume();
	return new Promise((resolve, reject) => {
		let typed: string[] = [];

		function finish(end: () => void): void {
			stdin.off("data", onKeys);
			stdin.setRawMode(false);
			stdin.pause();
			stdout.write("\n");
			end();
		}

		function onKeys(keys: string) {
			for (const key of keys) {
				if (key === "\r" || key === "\n") return finish(() => resolve(typed.join("")));
				if (key === "\u0003" || key === "\u0004")
					return finish(() => reject(new TerminalError("Nothing was changed.")));
				if (key === "\u007f" || key === "\b") typed.pop();
				else if (key === "\u0015") typed = [];
				else if (key >= " ") typed.push(key);
			}
		}

		stdin.on("data", onKeys);
	});
}
