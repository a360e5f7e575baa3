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
