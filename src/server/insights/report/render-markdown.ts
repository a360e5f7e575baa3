import { plain } from './render-text.js';
import type { Report, ReportTable } from './report.js';

/** Returns a report as Markdown with tables (GFM). No text of the data is markup. */
export function renderMarkdown({ title, about, sections }: Report): string {
  const blocks = [`# ${escape(title)}`, about.map((line) => `- ${escape(line)}`).join('\n')];
  for (const { question, answer, tables, bars, notes } of sections) {
    blocks.push(`## ${escape(question)}`, escape(answer), ...tables.map(tableOf));
    if (bars) {
      const rows = bars.values.map(({ name, value }) => ({
        name,
        value: String(value),
        change: '',
        judgement: null,
      }));
      blocks.push(tableOf({ title: bars.title, rows }));
    }
    for (const note of notes) blocks.push(`*${escape(note)}*`);
  }
  return `${blocks.join('\n\n')}\n`;
}

function tableOf({ title, rows }: ReportTable): string {
  const hasChange = rows.some(({ change }) => change !== '');
  const line = (cells: readonly string[]): string => `| ${cells.slice(0, hasChange ? 3 : 2).join(' | ')} |`;
  return [
    line([escape(title), '', 'Change (before)']),
    line(['---', '---', '---']),
    ...rows.map(({ name, value, change }) => line([escape(name), escape(value), escape(change)])),
  ].join('\n');
}

/** Writes every sign that Markdown or HTML may read so that it stands for itself, also in addresses, which would become links. */
function escape(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]#|~!]/g, String.raw`\$&`)
    .replaceAll('://', '&#58;//')
    .replaceAll('@', '&#64;')
    .replaceAll(/www\./gi, (text) => `${text.slice(0, 3)}&#46;`);
}
