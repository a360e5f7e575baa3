import { TOPIC_KIND } from '../audience/topics.js';
import type { RecordStore } from '../engines/record-store.js';
import { isRecord } from '../../common/unknown-values.js';
import { DOCUMENT_KINDS, isDocumentKind } from '../model/privacy/document-kinds.js';
import type { DocumentMention } from '../model/privacy/erasure-report.js';
import { toSearchable } from '../model/search-text.js';
import { isUnspaced } from '../query/match-term.js';
import { isQueryParameter } from '../query/parse-query.js';
import type { PropertyValue } from '../../records/model/prompt-record.js';
import { leftOf, type ErasedSubjects } from './erased-documents.js';

/** Shorter ids and names are found in filters alone: in other texts they are mostly something else. */
const MIN_LENGTH = 3;
/** Parameters of filters whose value is the id of a person. */
const PERSON_PARAMETERS: ReadonlySet<string> = new Set(['user', 'not.user']);
/** Field of a review that names who works on it, for the team and not as a user. */
const REVIEWER_FIELD = 'assignee';

/**
 * Returns the documents that name these people, by id or display name, and that an erasure leaves: saved views, segments, topics of people's own, rules, notes about others. A
 * filter without its person would match everybody, so somebody has to decide what becomes of it.
 *
 * @param names display names of these people
 */
export async function findMentions(
  store: RecordStore,
  subjects: ErasedSubjects,
  names: ReadonlySet<string>,
): Promise<readonly DocumentMention[]> {
  const isMention = createMentionTest(subjects.users, names);
  const mentions: DocumentMention[] = [];
  for (const kind of Object.keys(DOCUMENT_KINDS).filter(isDocumentKind))
    for (const document of await store.documents.list(kind)) {
      const value = isFoundTopic(kind, document.value) ? undefined : await leftOf(store, document, subjects);
      const { name } = document;
      if (value !== undefined && mentionsAny({ name, value }, isMention)) mentions.push({ kind, name });
    }
  return mentions;
}

/** Found topics are forgotten with every person, and are found again in what is left. */
function isFoundTopic(kind: string, value: PropertyValue): boolean {
  return kind === TOPIC_KIND && isRecord(value) && value['found'] === true;
}

function mentionsAny(value: unknown, isMention: (text: string) => boolean): boolean {
  if (typeof value === 'string') return isMention(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([name, item]) => name !== REVIEWER_FIELD && mentionsAny(item, isMention),
  );
}

/** Returns a test for texts, which may be filters or addresses. In `user=ada-2&tag=ada`, the person `ada-2` is not `ada`, and the tag names her. */
export function createMentionTest(
  users: ReadonlySet<string>,
  names: ReadonlySet<string>,
): (text: string) => boolean {
  const words = [...users, ...names]
    .map((word) => word.trim())
    .filter(isTelling)
    .map(wordPattern);
  return (text) => {
    const start = text.indexOf('?') + 1;
    if (start === 0 && !text.includes('=')) return isOneIn(text);
    const query = text.slice(start);
    // In an address `+` is a space, in a text that only looks like one it is itself.
    return (
      isOneIn(text.slice(0, start)) ||
      [query, query.replaceAll('+', '%2B')].some((one) => isInQuery(new URLSearchParams(one)))
    );
  };

  function isInQuery(query: URLSearchParams): boolean {
    return [...query].some(([name, value]) => {
      if (PERSON_PARAMETERS.has(name)) return users.has(value);
      return isOneIn(value) || (!isQueryParameter(name) && isOneIn(name));
    });
  }

  function isOneIn(text: string): boolean {
    const searchable = toSearchable(text);
    return words.some((word) => word.test(searchable));
  }
}

function isTelling(word: string): boolean {
  return word.length >= (isUnspaced(word) ? MIN_LENGTH - 1 : MIN_LENGTH);
}

/** Matches a word where it begins and ends: at no letter or digit, or anywhere in scripts without spaces. */
function wordPattern(word: string): RegExp {
  const text = toSearchable(word);
  const [first = '', last = ''] = [Array.from(text)[0], Array.from(text).at(-1)];
  const before = isUnspaced(first) ? '' : '(?<![\\p{L}\\p{N}\\p{M}])';
  const after = isUnspaced(last) ? '' : '(?![\\p{L}\\p{N}\\p{M}])';
  return new RegExp(before + text.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`) + after, 'u');
}
