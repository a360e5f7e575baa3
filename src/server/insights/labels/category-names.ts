/** Categories of a project. Further ones become {@link OTHER}. */
export const MAX_INTENTS = 40;
export const OTHER = 'other';
const MAX_LENGTH = 40;
const MAX_WORDS = 6;

/** Returns a category as it is written; undefined for what is none. */
export function categoryOf(text: string): string | undefined {
  const name = clean(text);
  return name === '' || name.length > MAX_LENGTH || name.split(' ').length > MAX_WORDS ? undefined : name;
}

function clean(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}+#&']+/gu, ' ')
    .trim();
}

/** Words without the English plural, in any order: “refund requests” and “request refund” are one. */
export function keyOf(name: string): string {
  return clean(name)
    .split(' ')
    .map((word) => word.replace(/ies$/, 'y').replace(/(?<=..[^s])s$/, ''))
    .sort()
    .join(' ');
}
