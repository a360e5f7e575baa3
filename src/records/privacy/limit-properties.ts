import type { PromptRecord, PropertyValue } from '../model/prompt-record.js';
import { cutText } from '../text/clean-text.js';
import { mapMemberTexts } from '../text/map-texts.js';

type Properties = Readonly<Record<string, PropertyValue>>;

/** Cuts every text in the properties of a record, and every tag, to a length. */
export function limitProperties(record: PromptRecord, maxLength: number): PromptRecord {
  return {
    ...record,
    tags: record.tags.map((tag) => cutText(tag, maxLength)),
    properties: limitMembers(record.properties, maxLength),
  };
}

/** Cuts every text in an object, in lists and nested objects too, to a length. */
export function limitMembers(properties: Properties, maxLength: number): Properties {
  return mapMemberTexts(properties, (text) => cutText(text, maxLength));
}
