import type { MatrixCase } from './cases.mjs';

export interface MatrixResult {
  /** Of the package that the case is about. */
  readonly version?: string;
  readonly node: string;
  readonly passed: boolean;
  /** Day of the run, such as `2026-11-29`. */
  readonly date: string;
}
/** Returns the results by the name of their case. */
export function readResults(): Readonly<Record<string, MatrixResult>>;
/** Returns the pinned version of the package that a case is about; `undefined` if it is about none. */
export function pinnedVersion(one: MatrixCase): string | undefined;
