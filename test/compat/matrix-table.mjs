// The table of docs/matrix.md.
import { CASES } from './cases.mjs';
import { pinnedVersion } from './pinned-version.mjs';

/** Returns one Markdown table for each group of cases. A case without a result says so. */
export function matrixTable(results) {
  return [...new Set(CASES.map(({ group }) => group))]
    .map((group) => {
      const rows = CASES.filter((one) => one.group === group).map((one) => rowOf(one, results[one.name]));
      return [
        `## ${group}`,
        '',
        '| With | Version | Run | Result | Node.js | Date |',
        '| --- | --- | --- | --- | --- | --- |',
        ...rows,
      ].join('\n');
    })
    .join('\n\n');
}

function rowOf(one, result) {
  const { version = pinnedVersion(one) ?? '', node = '', date = '' } = result ?? {};
  return `| ${one.subject} | ${version} | ${one.ran} | ${resultText(one, result)} | ${node} | ${date} |`;
}

function resultText({ upstream, note }, result) {
  if (result === undefined) return 'not run yet';
  if (!result.passed) return '**fails**';
  if (upstream !== undefined) return `**does not work**, because of the library. ${upstream}`;
  return note === undefined ? 'works' : `works. ${note}`;
}
