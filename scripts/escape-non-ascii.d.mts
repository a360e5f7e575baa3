/** Returns the same code in ASCII; unchanged, if it has more than one other character in a thousand. */
export function escapeNonAscii(code: string): string;
