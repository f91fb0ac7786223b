import { z } from "zod";

const MIN_PASSWORD_LENGTH = 12;
const MAX_PASSWORD_LENGTH = 256;

/** An e-mail address as it is stored: lower case, no space around it. At most 254 characters (RFC 5321). */
export const emailAddress = z
	.string()
	.trim()
	.max(254)
	.toLowerCase()
	.pipe(z.email("is not an e-mail address"));

/** What a new password has to be. Older ones are not held to it, so that a stricter rule locks nobody out. */
export const newPassword = z
	.string()
	.min(MIN_PASSWORD_LENGTH, `is too short: ${MIN_PASSWORD_LENGTH} characters or more`)
	.max(MAX_PASSWORD_LENGTH, `is too long: ${MAX_PASSWORD_LENGTH} characters at most`);

/** The body of POST /login and /token. */
export const credentials = z.object({
	email: emailAddress,
	password: z.string().min(1).max(MAX_PASSWORD_LENGTH),
});
