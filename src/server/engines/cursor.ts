import type { Cursor } from './record-store.js';

/** Returns a cursor as a number if it is one: clients of the engines in memory have always got numbers. */
export function cursorToJson(cursor: Cursor): number | string {
  return /^\d+$/.test(cursor) ? Number(cursor) : cursor;
}
