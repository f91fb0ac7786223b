/** Base64 by what every platform has. */
export function toBase64(array: ArrayBufferView): string {
	const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
	let text = "";
	// `fromCharCode` takes so many arguments at once, and no more.
	for (let at = 0; at < bytes.length; at += 8192)
		text += String.fromCharCode(...bytes.subarray(at, at + 8192));
	return btoa(text);
}

export function fromBase64(text: string): ArrayBuffer {
	const binary = atob(text);
	const bytes = new Uint8Array(binary.length);
	for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
	return bytes.buffer;
}
