import { cutText } from '../text/cut-text.js';
import type { PromptRecord, PropertyValue } from '../model/prompt-record.js';
import { isList } from '../../common/unknown-values.js';

type Properties = Readonly<Record<string, PropertyValue>>;

/** The record with every text in its properties, and every tag, cut to a length. */
export function limitProperties(record: PromptRecord, maxLength: number): PromptRecord {
  return {
    ...record,
    tags: record.tags.map((tag) => cutText(tag, maxLength)),
    properties: limitMembers(record.properties, maxLength),
  };
}

/** Properties with every text cut to a length, in lists and objects too. */
export function limitMembers(properties: Properties, maxLength: number): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, limitValue(value, maxLength)]),
  );
}

function limitValue(value: PropertyValue, maxLength: number): PropertyValue {
  if (typeof value === 'string') return cutText(value, maxLength);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => limitValue(item, maxLength));
  return limitMembers(value, maxLength);
}
