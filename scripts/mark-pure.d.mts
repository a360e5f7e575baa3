/** Returns the same code with a mark at each top-level constant whose value a bundler would evaluate even if nothing used it. */
export function markPure(code: string): string;
