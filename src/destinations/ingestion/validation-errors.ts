import { asArray, asRecord, parseJson } from '../../common/unknown-values.js';

/** Fields named in `reason`. */
const MAX_NAMED = 3;
const PLAIN_NAME = /^[\w$.-]{1,40}$/;

interface ValidationErrors {
  readonly rejected?: readonly number[];
  readonly reason?: string;
}

/**
 * Reads the body of a FastAPI 422, `{"detail":[{"loc":["body",7,"generation"],"type":"missing",…}]}`. Returns the indexes of the
 * refused items, and the fields and types of errors. Does not read `msg` and `input`, because they may quote content.
 */
export function readValidationErrors(body: string): ValidationErrors {
  const places = placesIn(body);
  const rejected = [...new Set(places.flatMap(({ index }) => (index === undefined ? [] : [index])))];
  const named = [...new Set(places.map(({ field, type }) => [field, type].filter(Boolean).join(' ')))].filter(
    Boolean,
  );
  return {
    ...(rejected.length > 0 && { rejected }),
    ...(named.length > 0 && { reason: named.slice(0, MAX_NAMED).join(', ') }),
  };
}

interface Place {
  readonly index: number | undefined;
  readonly field: string;
  readonly type: string;
}

function placesIn(body: string): Place[] {
  const detail = propertyOf(parseJson(body), 'detail');
  if (!Array.isArray(detail)) return [];
  return detail.map((error: unknown) => {
    const loc = propertyOf(error, 'loc');
    const [root, index, ...path] = asArray(loc);
    const isItem = root === 'body' && typeof index === 'number' && Number.isInteger(index);
    return {
      index: isItem ? index : undefined,
      field: path.every(isPlain) ? path.join('.') : '',
      type: [propertyOf(error, 'type')].filter(isPlain).join(''),
    };
  });
}

function propertyOf(value: unknown, name: string): unknown {
  return asRecord(value)[name];
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && PLAIN_NAME.test(value));
}
