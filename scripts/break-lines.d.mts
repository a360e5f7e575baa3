/** Returns the same code in lines of at most `maxLength` characters, 160 by default, as far as it has places to break. */
export function breakLines(code: string, maxLength?: number): string;
