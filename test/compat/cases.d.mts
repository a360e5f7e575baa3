/** One case of the compatibility matrix; see cases.mjs for the other members. */
export interface MatrixCase {
  readonly name: string;
  readonly group: string;
  readonly subject: string;
  readonly install: string;
  readonly of?: string;
  readonly ran: string;
  readonly tests: string;
  readonly file?: string;
  readonly pattern?: string;
  readonly node?: string;
  readonly source?: object;
  readonly upstream?: string;
  readonly ci?: boolean;
}
export const CASES: readonly MatrixCase[];
/** Returns the cases that an argument of the command names: one case, or all of an install. */
export function casesOf(argument: string): readonly MatrixCase[];
