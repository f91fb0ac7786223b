/** Longest text form of an address: IPv6 with an embedded IPv4 part, or with a zone. */
const MAX_LENGTH = 64;

/**
 * What attempts from an address are counted under: an IPv4 address by itself, an IPv6 address by its first 64 bits,
 * which is the least that one customer is given (RFC 6177). Requests whose address is not known are counted together.
 */
export function throttleKey(address: string | undefined): string {
	if (!address) return "unknown";
	const text = address.slice(0, MAX_LENGTH).toLowerCase();
	const ipv4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/.exec(text);
	if (ipv4?.[1]) return ipv4[1];
	if (!text.includes(":")) return text;
	const [head = "", tail] = text.replace(/^\[|\].*$/g, "").split("::");
	const groups = head === "" ? [] : head.split(":");
	if (tail !== undefined) {
		const after = tail === "" ? 0 : tail.split(":").length;
		while (groups.length + after < 8) groups.push("0");
	}
	return `${groups
		.slice(0, 4)
		.map((group) => group.replace(/^0+(?=.)/, ""))
		.join(":")}::/64`;
}
