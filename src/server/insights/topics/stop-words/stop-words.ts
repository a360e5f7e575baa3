import { FUNCTION_WORDS } from './function-words.js';
import { REQUEST_WORDS } from './request-words.js';

/** Languages, by word, that have it as a word which says nothing about a topic. Read when topics are first asked for. */
let known: ReadonlyMap<string, readonly string[]> | undefined;

/** Returns the languages (ISO 639) in which a word says nothing about a topic. */
export function languagesOfStopWord(word: string): readonly string[] {
  known ??= readLists();
  return known.get(word) ?? [];
}

function readLists(): ReadonlyMap<string, readonly string[]> {
  const languages = new Map<string, Set<string>>();
  for (const list of [FUNCTION_WORDS, REQUEST_WORDS])
    for (const [language, words] of Object.entries(list))
      for (const word of words.split(' '))
        languages.set(word, (languages.get(word) ?? new Set()).add(language));
  return new Map([...languages].map(([word, names]) => [word, [...names]]));
}
