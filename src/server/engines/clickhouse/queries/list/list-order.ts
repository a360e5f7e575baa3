import type { RecordOrder } from '../../../../model/lists.js';
import { BadQueryError } from '../../../../query/parse-query.js';
import type { Cursor } from '../../../record-store.js';
import type { Parameters } from '../../client/parameters.js';
import { dayOf, type RecordColumns } from '../record-row.js';
import { AT_MS } from '../totals.js';

/** Place in an order. Records of one `value` are told apart by `seq`, those that two servers took in at the same microsecond by `id`. */
export interface ListPosition {
  readonly value: number;
  readonly seq: number;
  readonly id: string;
}

/** An order of a list, latest first, as expressions over `records`. */
export interface ListOrder {
  /** Integer that the records are sorted by. */
  readonly value: string;
  /** Conditions by which ClickHouse reads only what lies from `{from}` on, or up to `{to}`. */
  readonly fromConditions: readonly string[];
  readonly toConditions: readonly string[];
  /** Values of the placeholders of these conditions beside `from` and `to` themselves. */
  parametersAt(name: 'from' | 'to', value: number): Parameters;
  valueAt(ms: number): number;
  msOf(position: ListPosition): number;
  positionOf(row: RecordColumns): ListPosition;
  format(position: ListPosition): Cursor;
  /** @throws BadQueryError */
  parse(cursor: Cursor): ListPosition;
}

/** By the place in the order of arrival, which is microseconds since 1970. The index `by_seq` skips what lies outside of a window. */
const ARRIVAL: ListOrder = {
  value: 'records.seq',
  fromConditions: ['records.seq >= {from:Int64}'],
  toConditions: ['records.seq <= {to:Int64}'],
  parametersAt: () => ({}),
  valueAt: (ms) => Math.max(0, Math.floor(ms * 1000)),
  msOf: ({ value }) => value / 1000,
  positionOf: ({ seq, id }) => ({ value: Number(seq), seq: Number(seq), id }),
  format: ({ seq, id }) => `${seq}~${id}`,
  parse(cursor) {
    const [, seq, id] = /^(\d{1,16})(?:~(.*))?$/s.exec(cursor) ?? [];
    if (seq === undefined) throw new BadQueryError('before is no cursor of this server');
    return { value: Number(seq), seq: Number(seq), id: id ?? '' };
  },
};

/** By the time of the record. Its day is part of the key, so that other days are not read. */
const TIME: ListOrder = {
  value: AT_MS,
  fromConditions: ['records.day >= {fromDay:Date32}', `${AT_MS} >= {from:Int64}`],
  toConditions: ['records.day <= {toDay:Date32}', `${AT_MS} <= {to:Int64}`],
  parametersAt: (name, value) => ({ [`${name}Day`]: dayOf(value) }),
  valueAt: Math.floor,
  msOf: ({ value }) => value,
  positionOf: ({ at, seq, id }) => ({ value: Number(at), seq: Number(seq), id }),
  format: ({ value, seq, id }) => `t${value}~${seq}~${id}`,
  parse(cursor) {
    const [, value, seq, id] = /^t(-?\d{1,16})~(\d{1,16})~(.*)$/s.exec(cursor) ?? [];
    if (value === undefined) throw new BadQueryError('before is no cursor of a page in order of time');
    return { value: Number(value), seq: Number(seq), id: id ?? '' };
  },
};

export const LIST_ORDERS: Readonly<Record<RecordOrder, ListOrder>> = { arrival: ARRIVAL, time: TIME };
