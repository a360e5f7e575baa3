import { isRecord, parseJson } from '../../common/unknown-values.js';
import { parseLine } from '../../server/engines/file/parse-line.js';
import type { RawItem } from '../input/split-items.js';
import type { Skip } from '../input/import-skip-reason.js';

/**
 * Parses one item of a file. Returns the values in it: several for a list, such as the body of a request, and for a page of an API
 * (`{"data": […]}`).
 */
export function parseItem({ text, place }: RawItem): readonly unknown[] | Skip {
  if (text === undefined) return { reason: 'too_long' };
  const value =
    parseJson(text.replace(/^\uFEFF/, '')) ?? (place.unit === 'line' ? parseLine(text).at(-1) : undefined);
  if (value === undefined) return { reason: 'not_json' };
  if (Array.isArray(value)) return value;
  return isRecord(value) && Array.isArray(value['data']) && !('id' in value) ? value['data'] : [value];
}
