// Prints the summary line of CI from a JSON report of Vitest: `node scripts/summarise-tests.mjs REPORT`.
// Names each test that failed first and passed on a further try (`retry` in test/vitest.config.ts) on the lines before it.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));

for (const { name, assertionResults } of report.testResults) {
  for (const test of assertionResults.filter(isFlaky))
    console.log(`flaky, passed on a second try: ${relative(process.cwd(), name)} > ${test.fullName.trim()}`);
}

const skipped = report.numPendingTests + report.numTodoTests;
const counts = [`${report.numPassedTests} passed`, `${report.numFailedTests} failed`];
if (skipped > 0) counts.push(`${skipped} skipped`);
console.log(counts.join(', '));

/** Whether a test passed although a try of it failed. The messages of failed tries stay in the report. */
function isFlaky({ status, failureMessages }) {
  return status === 'passed' && failureMessages.length > 0;
}
