import type { PropertyValue } from '../../records/model/prompt-record.js';
import type { NewRecord, StoredRecord } from './stored-record.js';

/** Names of properties that are searched even if their value is one word: texts of people and of errors. */
const SEARCHED =
  /(?:comment|explanation|label|(?<!finish_)reason|message|error|error[._]?type|prompt|generation|answer|question|text|note|description|tool_calls)s?$/i;
/** Levels of lists and objects below a property that are searched. */
const MAX_DEPTH = 3;

/**
 * Returns the text that a search looks in, as `toSearchable()` writes it: prompt and answer, event, person, conversation, model, tags and id;
 * and of the properties, comments, errors, system prompts and every other text of several words. One line per text, so that no phrase is
 * found across two of them. Values such as `stop`, `chat` or `openai` are left out, because all records would have them.
 */
export function searchTextOf(record: StoredRecord): string {
  const texts = record.kind === 'prompt' ? [record.prompt, record.generation] : [];
  visitTextsBesideContents(record, (text) => texts.push(text));
  return texts.map(toSearchable).join('\n');
}

/** Calls `visit` with each of the searched texts but prompt and answer. */
export function visitTextsBesideContents(record: StoredRecord, visit: (text: string) => void): void {
  visit(record.userId);
  visit(record.threadId ?? '');
  visit(record.id);
  visitNamesAndPropertyTexts(record, visit);
}

/** Returns the searched texts that are no columns of a database: event, model, tags, and texts of properties. */
export function namesAndPropertyTexts(record: NewRecord | StoredRecord): readonly string[] {
  const texts: string[] = [];
  visitNamesAndPropertyTexts(record, (text) => texts.push(text));
  return texts;
}

function visitNamesAndPropertyTexts(record: NewRecord | StoredRecord, visit: (text: string) => void): void {
  visit(record.kind === 'prompt' ? (record.assistantId ?? '') : record.event);
  for (const tag of record.tags) visit(tag);
  for (const name in record.properties) visitProperty(visit, name, record.properties[name], false, 0);
}

/**
 * Returns a text in the form in which texts are compared: lower case, Unicode normalization form C, because macOS writes file names in
 * form D, and one space for every run of white space.
 */
export function toSearchable(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFC')
    .replace(/[^\S ]\s*| \s+/g, ' ');
}

/** `isSearched` is true below a property that is searched. */
function visitProperty(
  visit: (text: string) => void,
  name: string,
  value: PropertyValue | undefined,
  isSearched: boolean,
  depth: number,
): void {
  if (typeof value === 'string') {
    if (isSearched || /\S\s+\S/.test(value) || isSearchedName(name)) visit(value);
  } else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH)
    for (const [inner, item] of Object.entries(value))
      visitProperty(visit, inner, item, isSearched || isSearchedName(name), depth + 1);
}

/** Names whose decision is kept: applications have few, but nothing stops them from inventing more. */
const MAX_NAMES = 10_000;
const decisions = new Map<string, boolean>();

/** Returns true if {@link SEARCHED} matches. */
function isSearchedName(name: string): boolean {
  const known = decisions.get(name);
  if (known !== undefined) return known;
  if (decisions.size >= MAX_NAMES) decisions.clear();
  const isSearched = SEARCHED.test(name);
  decisions.set(name, isSearched);
  return isSearched;
}
