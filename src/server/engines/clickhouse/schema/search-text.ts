/** Separates texts. No white space, so that no phrase is found across two texts. */
export const SEPARATOR = '\x01';
/** Begins a value of the column `words` that is the whole search text. */
export const WHOLE = '\0';

/**
 * The text that a search looks in, as an expression of `records`. It differs from `searchTextOf()` in the order of texts, and keeps white space: a phrase
 * is searched with a pattern. The index `by_text` serves queries that have exactly this expression: a change needs another index first.
 */
export const SEARCH_TEXT = String.raw`if(startsWith(words, '\0'), words, lowerUTF8(concat(
  prompt, '\x01', generation, '\x01', user, '\x01', thread, '\x01', id, '\x01', words)))`;

/** Ends statements that search: the index also finds parts of words of two or three letters, and those of many words, where ClickHouse would read all texts. */
export const SEARCH_SETTINGS =
  'SETTINGS text_index_like_min_pattern_length = 2, text_index_like_max_postings_to_read = 200';
