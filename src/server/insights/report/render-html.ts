import { plain } from './render-text.js';
import type { Report, ReportBars, ReportRow, ReportTable } from './report.js';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --better: #0a7d3c; --worse: #c0322b; --bar: #4c6ef5; }
@media (prefers-color-scheme: dark) { :root { --better: #51cf66; --worse: #ff8787; --bar: #91a7ff; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0.5rem; }
h2 { font-size: 1.15rem; margin-top: 2.2rem; border-top: 1px solid var(--line); padding-top: 1rem; }
.about, .note { opacity: 0.8; font-size: 0.9rem; }
.about { list-style: none; padding: 0; }
.answer { font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; font-size: 0.95rem; }
caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
th, td { text-align: left; padding: 0.25rem 0.6rem 0.25rem 0; border-bottom: 1px solid var(--line); font-weight: normal; overflow-wrap: anywhere; vertical-align: top; }
td { font-variant-numeric: tabular-nums; width: 33%; }
.better { color: var(--better); }
.worse { color: var(--worse); }
figure { margin: 1rem 0; }
figcaption { font-weight: 600; font-size: 0.95rem; }
svg { width: 100%; height: 6rem; display: block; }
rect { fill: var(--bar); }
`;

/** Content security policy of the page: its own style, and nothing else. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const BAR_WIDTH = 10;
const BAR_HEIGHT = 60;

/** Returns a report as a page of its own: no script, nothing to load. */
export function renderHtml({ title, about, sections }: Report): string {
  const parts = sections.map(
    ({ question, answer, tables, bars, notes }) => `<section>
<h2>${escape(question)}</h2>
<p class="answer">${escape(answer)}</p>
${tables.map(tableOf).join('')}${bars ? figureOf(bars) : ''}${notes.map((note) => `<p class="note">${escape(note)}</p>\n`).join('')}</section>
`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<ul class="about">
${about.map((line) => `<li>${escape(line)}</li>\n`).join('')}</ul>
${parts.join('')}</main>
</body>
</html>
`;
}

function tableOf({ title, rows }: ReportTable): string {
  return `<table>
<caption>${escape(title)}</caption>
<tbody>
${rows.map(rowOf).join('')}</tbody>
</table>
`;
}

function rowOf({ name, value, change, judgement }: ReportRow): string {
  const tone = judgement === null ? '' : ` class="${judgement}"`;
  return `<tr><th scope="row">${escape(name)}</th><td>${escape(value)}</td><td${tone}>${escape(change)}</td></tr>\n`;
}

function figureOf({ title, values }: ReportBars): string {
  const most = Math.max(1, ...values.map(({ value }) => value));
  const rects = values.map(({ name, value }, place) => {
    const height = Math.round((BAR_HEIGHT * value) / most);
    return `<rect x="${place * BAR_WIDTH + 1}" y="${BAR_HEIGHT - height}" width="${BAR_WIDTH - 2}" height="${height}"><title>${escape(`${name}: ${value}`)}</title></rect>`;
  });
  const said = values.map(({ name, value }) => `${name}: ${value}`).join(', ');
  return `<figure>
<figcaption>${escape(title)}</figcaption>
<svg viewBox="0 0 ${values.length * BAR_WIDTH} ${BAR_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${escape(said)}">${rects.join('')}</svg>
</figure>
`;
}

function escape(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
