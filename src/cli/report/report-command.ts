import { writeFileSync } from 'node:fs';
import { asArray, asNumber, asRecord, asText, codeOf } from '../../common/unknown-values.js';
import { buildReport } from '../../server/insights/report/build-report.js';
import { renderHtml } from '../../server/insights/report/render-html.js';
import { renderMarkdown } from '../../server/insights/report/render-markdown.js';
import { renderText } from '../../server/insights/report/render-text.js';
import type { Report } from '../../server/insights/report/report.js';
import type { Summary } from '../../server/insights/summary/summary.js';
import type { TopicList } from '../../server/insights/topics/topic-summary.js';
import { TIME_ZONE_SETTING } from '../../server/model/time-zone.js';
import { isQueryParameter } from '../../server/query/parse-query.js';
import { CommandError, UNFINISHED } from '../command-error.js';
import { openSource, type OpenSource } from './open-source.js';
import { readReportOptions, type ReportFormat } from './report-options.js';
import { REPORT_USAGE } from './usage.js';

const RENDERERS = {
  text: renderText,
  html: renderHtml,
  md: renderMarkdown,
} as const satisfies Record<ReportFormat, (report: Report) => string>;

/**
 * Prints a report about a period.
 *
 * @throws CommandError
 */
export async function reportCommand(args: readonly string[]): Promise<void> {
  const options = readReportOptions(args);
  if (options.help) {
    process.stdout.write(REPORT_USAGE);
    return;
  }
  const source = await openSource(options.source);
  try {
    const text = RENDERERS[options.format](await readReport(source, options.params));
    if (options.output === undefined) process.stdout.write(text);
    else writeReport(options.output, text);
  } finally {
    await source.close();
  }
}

async function readReport(source: OpenSource, given: URLSearchParams): Promise<Report> {
  const params = new URLSearchParams(given);
  if (!params.get('timezone')) params.set('timezone', await timeZoneOf(source));
  const summary = (await source.ask('/api/summary', params)) as Summary | undefined;
  if (!summary) throw new CommandError('With this token, these filters are not allowed', 1);
  const period = new URLSearchParams(params);
  // The topics have the period of the summary, also where it is a calendar unit.
  if (summary.periods) {
    period.set('since', new Date(summary.periods.current.from).toISOString());
    period.set('until', new Date(summary.periods.current.to - 1).toISOString());
  }
  const topics = (await source.ask('/api/topics', period)) as TopicList | undefined;
  const hidden = params.get('internal') ? undefined : await source.ask('/api/internal', period);
  return buildReport({
    summary,
    topics,
    hidden: asNumber(asRecord(hidden)['records']) ?? 0,
    source: source.name,
    filters: filtersText(params),
  });
}

/** Returns the time zone of the project, else that of this machine. A server from before there was one answers with an error. */
async function timeZoneOf(source: OpenSource): Promise<string> {
  const { kind, name } = TIME_ZONE_SETTING;
  const answer = await source
    .ask(`/api/documents/${kind}`, new URLSearchParams({ only: name }))
    .catch((error: unknown) => {
      if (error instanceof CommandError && error.exitCode === UNFINISHED) throw error;
    });
  const [document] = asArray(asRecord(answer)['documents']);
  return (
    asText(asRecord(asRecord(document)['value'])['timeZone']) ??
    Intl.DateTimeFormat().resolvedOptions().timeZone
  );
}

function filtersText(params: URLSearchParams): string {
  const filters = [...params].filter(
    ([name]) => isQueryParameter(name) && name !== 'since' && name !== 'until',
  );
  return filters.map(([name, value]) => `${name}=${value}`).join(', ');
}

/** @throws CommandError */
function writeReport(path: string, text: string): void {
  try {
    // It may name people: readable by this user alone, unless the file is there already.
    writeFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    throw new CommandError(`Cannot write the file ${path} (${asText(codeOf(error)) ?? 'unknown'})`, 1);
  }
}
