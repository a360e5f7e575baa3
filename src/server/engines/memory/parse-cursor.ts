import { BadQueryError } from '../../query/parse-query.js';
import type { Cursor } from '../record-store.js';

/** Reads a cursor of the engines in memory, which is a whole number. @param name of the parameter, for the error @throws BadQueryError */
export function parseCursor(name: string, cursor: Cursor): number {
  if (!/^\d+$/.test(cursor)) throw new BadQueryError(`${name} must be a whole number`);
  return Math.min(Number(cursor), Number.MAX_SAFE_INTEGER);
}

/** Divides a cursor of `changePage()`, which is `<epoch>-<revision>`. The revision is for {@link parseCursor}. @throws BadQueryError */
export function splitEpoch(cursor: Cursor): readonly [epoch: string, revision: string] {
  const [epoch = '', revision] = cursor.split('-');
  if (revision === undefined) throw new BadQueryError('cursor is none of this server');
  return [epoch, revision];
}
