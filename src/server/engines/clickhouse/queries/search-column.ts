import { wellFormed } from '../../../../records/text/clean-text.js';
import { namesAndPropertyTexts, searchTextOf } from '../../../model/search-text.js';
import type { NewRecord } from '../../../model/stored-record.js';
import { SEPARATOR, WHOLE } from '../schema/search-text.js';

/**
 * Returns the column `words`: the searched texts that have no column of their own. If ClickHouse would compare one of the texts differently
 * from `toSearchable()`, it is the whole search text: `lowerUTF8` lowers each character alone, and texts may be decomposed.
 */
export function wordsOf(record: NewRecord): string {
  const texts = record.kind === 'prompt' ? [record.prompt, record.generation] : [];
  const others = namesAndPropertyTexts(record);
  const isSimple = [...texts, record.userId, record.threadId ?? '', ...others].every(isLoweredAlike);
  if (isSimple) return wellFormed(others.join(SEPARATOR));
  return WHOLE + wellFormed(searchTextOf({ ...record, seq: 0 })).replaceAll('\n', SEPARATOR);
}

/** Returns false for decomposed texts, and for İ and Σ, whose lower case is two characters or depends on its neighbours. */
function isLoweredAlike(text: string): boolean {
  return !/[\u0130\u03a3]/.test(text) && text.normalize('NFC') === text;
}
