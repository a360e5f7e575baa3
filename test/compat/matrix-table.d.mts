import type { MatrixResult } from './results.mjs';

/** Returns one Markdown table for each group of cases. A case without a result says so. */
export function matrixTable(results: Readonly<Record<string, MatrixResult>>): string;
