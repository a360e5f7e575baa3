import { createHash } from 'node:crypto';
import { isRecord } from '../../common/unknown-values.js';
import type { Place } from '../input/split-items.js';

/**
 * Returns an id for content that has none: the same for the same content, whatever the order of its members, so that an import can be
 * repeated. With a place, content that stands there alone.
 */
export function derivedId(content: unknown, place?: Place): string {
  const text = `${place ? `${place.unit} ${place.number} ` : ''}${JSON.stringify(ordered(content))}`;
  return `import-${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, member]) => [name, ordered(member)]);
}
