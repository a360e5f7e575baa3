/** A line of a list shows fewer characters than this. */
const MAX_LENGTH = 600;

/** Markup of inline texts, and what stays of it. Underscores stay: names of functions have them. */
const INLINE = [
  [/!?\[([^\]\n]*)\]\([^()\s]*\)/g, '$1'],
  [/(?<!\*)\*([^\s*](?:[^*\n]*[^\s*])?)\*(?!\*)/g, '$1'],
  [/\*\*([^*\n]+)\*\*/g, '$1'],
  [/`+([^`\n]+)`+/g, '$1'],
] as const;

/** Returns the beginning of a text without the markup of Markdown, for lists that show it in one line. */
export function plainPreview(text: string): string {
  const lines = text.slice(0, MAX_LENGTH).split('\n').flatMap(plainLine);
  return lines.join('\n');
}

function plainLine(line: string): string | readonly string[] {
  const trimmed = line.trim();
  // Fences, rules, and the lines between head and body of tables.
  if (/^(`{3,}|~{3,})\S*$|^[-*_](\s?[-*_]){2,}$|^\|[\s|:-]+\|$/.test(trimmed)) return [];
  const cells = /^\|(.+)\|$/.exec(trimmed)?.[1]?.split('|');
  const start = cells
    ? cells.map((cell) => cell.trim()).join(' · ')
    : line.replace(/^\s*(?:#{1,6}|>)\s+/, '').replace(/^\s*[-*+]\s+/, '• ');
  return INLINE.reduce<string>((plain, [markup, kept]) => plain.replaceAll(markup, kept), start);
}
