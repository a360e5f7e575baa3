import type { Report, ReportBars, ReportTable } from './report.js';

/** Longest name and value in columns. Longer ones push the next column away. */
const MAX_NAME = 40;
const BAR_LENGTH = 40;

/** Returns a report for a terminal or a plain mail. No character of the data moves the cursor. */
export function renderText({ title, about, sections }: Report): string {
  const lines = [title, '='.repeat(title.length), ...about.map(plain)];
  for (const { question, answer, tables, bars, notes } of sections) {
    lines.push('', question, '-'.repeat(question.length), plain(answer));
    for (const table of tables) lines.push('', ...tableLines(table));
    if (bars) lines.push('', ...barLines(bars));
    for (const note of notes) lines.push('', `(${plain(note)})`);
  }
  return `${lines.join('\n')}\n`;
}

function tableLines({ title, rows }: ReportTable): readonly string[] {
  const cells = rows.map(({ name, value, change }) => [plain(name), plain(value), change] as const);
  const [names, values] = [0, 1].map((place) =>
    Math.max(...cells.map((row) => Math.min(MAX_NAME, Array.from(row[place as 0 | 1]).length))),
  );
  return [
    plain(title),
    ...cells.map(([name, value, change]) =>
      `  ${name.padEnd(names ?? 0)}  ${value.padEnd(values ?? 0)}  ${change}`.trimEnd(),
    ),
  ];
}

function barLines({ title, values }: ReportBars): readonly string[] {
  const most = Math.max(1, ...values.map(({ value }) => value));
  return [
    title,
    ...values.map(({ name, value }) =>
      `  ${name.padEnd(18)} ${'#'.repeat(Math.ceil((BAR_LENGTH * value) / most))} ${value}`.trimEnd(),
    ),
  ];
}

/** Replaces control and format characters, and line breaks. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ').trim();
}
