// The last result of each case, in results.json, and the table of docs/matrix.md that is made of them.
import { readFileSync, writeFileSync } from 'node:fs';
import { CASES } from './cases.mjs';
import { matrixTable } from './matrix-table.mjs';
import { pinnedVersion } from './pinned-version.mjs';

const RESULTS = new URL('results.json', import.meta.url);
const PAGE = new URL('../../docs/matrix.md', import.meta.url);

/** Returns the results by the name of their case. */
export function readResults() {
  return JSON.parse(readFileSync(RESULTS, 'utf8'));
}

/** Notes outcomes as the results of today, and writes the table. Skipped cases keep what they had. */
export async function writeResults(outcomes) {
  const known = readResults();
  const results = {};
  for (const one of CASES) {
    const outcome = outcomes.get(one.name);
    if (outcome && !outcome.skipped) results[one.name] = resultOf(one, outcome);
    else if (known[one.name]) results[one.name] = known[one.name];
  }
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
  const page = readFileSync(PAGE, 'utf8');
  const section = /(<!-- generated: matrix -->\n)[\s\S]*?(<!-- \/generated -->)/;
  writeFileSync(
    PAGE,
    page.replace(section, (_all, start, end) => `${start}\n${matrixTable(results)}\n\n${end}`),
  );
}

function resultOf(one, { passed, node }) {
  const version = pinnedVersion(one);
  return {
    ...(version !== undefined && { version }),
    node: node.replace('v', ''),
    passed,
    date: new Date().toISOString().slice(0, 10),
  };
}
