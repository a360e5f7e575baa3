import { toSearchable } from '../model/search-text.js';
import type { SearchTerm } from './record-query.js';

/** Keyboards of phones and macOS write typographic quotes by themselves. */
const QUOTES = '"“”„';
/** An optional minus sign, then a phrase, whose closing quote may be missing, or a word. */
const TERMS = new RegExp(`(-?)(?:[${QUOTES}]([^${QUOTES}]*)[${QUOTES}]?|(\\S+))`, 'g');
const QUOTES_AT_END = new RegExp(`[${QUOTES}]+$`);

/**
 * Reads what is typed into a search field: words and "phrases" that have to occur, `-word` and `-"phrase"` that must not. Every text is a
 * search, also one that is still being typed: an open quote lasts to the end, and what says nothing yet, such as `-`, is ignored.
 * Returns undefined for a search without terms.
 */
export function parseSearch(text: string): readonly SearchTerm[] | undefined {
  const terms = new Map<string, SearchTerm>();
  for (const [all, minus, phrase, word = ''] of text.matchAll(TERMS)) {
    // A line of dashes is a text.
    const isExcluded = minus === '-' && !/^-+$/.test(word);
    const given = phrase ?? (isExcluded ? word : all).replace(QUOTES_AT_END, '');
    const searched = toSearchable(given).trim();
    if (searched === '' || given === '-') continue;
    const term: SearchTerm = isExcluded ? { text: searched, isExcluded } : { text: searched };
    terms.set(JSON.stringify(term), term);
  }
  return terms.size > 0 ? [...terms.values()] : undefined;
}
