import { expect, test } from 'vitest';
import { SERVE_ARGUMENTS, SERVE_SECRETS } from '../../src/cli/serve/serve-arguments.js';
import { SERVE_USAGE } from '../../src/cli/serve/usage.js';
import { DROP_REASONS } from '../../src/delivery/model/settlement.js';
import { SPAN_REASONS } from '../../src/reading/advice/span-explanation.js';
import { FACT_NAMES } from '../../src/records/model/fact-names.js';
import { ROUTE_CONTENTS } from '../../src/server/http/access/route-contents.js';
import { NUMBER_TOOLS } from '../../src/server/http/mcp/number-tools.js';
import { TEXT_TOOLS } from '../../src/server/http/mcp/text-tools.js';
import { ServerMetrics } from '../../src/server/metrics/server-metrics.js';
import { KNOWN_DIMENSIONS } from '../../src/server/model/measure/dimensions.js';
import { DOCUMENT_KINDS } from '../../src/server/model/privacy/document-kinds.js';
import { MEASURE_NAMES } from '../../src/server/query/measure-request.js';
import { readDocument } from './documents.js';

const SERVE_OPTIONS = Object.entries(SERVE_ARGUMENTS).filter(([name]) => name !== 'help');

const metrics = new ServerMetrics({ version: '0', projects: () => new Map(), bytesInFlight: () => 0 });
const METRIC_NAMES = Array.from(
  metrics.render().matchAll(/^# TYPE (trubrics_\w+)/gm),
  ([, name = '']) => name,
);

/** Closed lists of the code, and the pages of which one at least has to name each member. */
const LISTS: readonly (readonly [what: string, members: readonly string[], pages: readonly string[]])[] = [
  ['property of records', FACT_NAMES, ['docs/record-fields.md', 'docs/turns.md']],
  ['reason of a span', SPAN_REASONS, ['docs/troubleshooting.md']],
  ['reason of a drop', DROP_REASONS, ['docs/delivery.md']],
  ['definition of a measure', MEASURE_NAMES, ['docs/numbers.md']],
  ['measure of the API', MEASURE_NAMES, ['docs/json-api.md']],
  ['dimension of the API', KNOWN_DIMENSIONS.map(({ name }) => name), ['docs/json-api.md']],
  ['route of the API', Object.keys(ROUTE_CONTENTS), ['docs/json-api.md']],
  ['option of serve', SERVE_OPTIONS.map(([name]) => `--${name}`), ['docs/fleet.md']],
  [
    'variable of serve',
    [
      ...SERVE_OPTIONS.flatMap(([, spec]) => ('env' in spec ? spec.env : [])),
      ...Object.values(SERVE_SECRETS),
    ],
    ['docs/fleet.md'],
  ],
  ['metric of serve', METRIC_NAMES, ['docs/fleet.md']],
  ['tool for assistants', [...TEXT_TOOLS, ...NUMBER_TOOLS].map(({ name }) => name), ['docs/assistants.md']],
  ['kind of documents', Object.keys(DOCUMENT_KINDS), ['docs/json-api.md']],
];

test.each(LISTS)('every %s stands in the page where users look it up', (_what, members, pages) => {
  const code = pages.flatMap((page) =>
    Array.from(readDocument(page).matchAll(/`([^`\n]+)`/g), ([, text = '']) => text),
  );
  // A route stands with its method and parameters, a property or an option with a value: `GET /api/topics?since=`, `resumed: true`, `--store URL`.
  const isNamed = (member: string): boolean =>
    code.some((text) => {
      const named = text.replace(/^[A-Z]+ /, '');
      return named === member || ['?', ': ', ' '].some((next) => named.startsWith(member + next));
    });
  expect(members.length).toBeGreaterThan(0);
  expect(members.filter((member) => !isNamed(member))).toEqual([]);
});

test('--help of serve names each of its options', () => {
  expect(SERVE_OPTIONS.filter(([name]) => !SERVE_USAGE.includes(`--${name} `))).toEqual([]);
});
