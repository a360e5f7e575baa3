import type { ImportResult } from '../../transfer/import-files.js';
import { MAX_NAMED, type NamedSkip } from '../../transfer/import-report.js';
import { IMPORT_SKIP_REASONS } from '../../transfer/input/import-skip-reason.js';
import { grouped } from './progress-line.js';

/** Returns the lines that say what an import did, for the standard output. */
export function resultLines({ report, keepsRecords, startedOver }: ImportResult, target: string): string[] {
  const known = report.known === undefined ? '' : `, ${grouped(report.known)} of them there already`;
  const earlier = report.sentEarlier > 0 ? `, after ${grouped(report.sentEarlier)} of an earlier run` : '';
  return [
    ...(startedOver ? [`${target} had lost what an earlier run had sent: everything was sent again`] : []),
    `Imported ${recordsText(report.taken)} into ${target}${known}${earlier}`,
    ...(report.erasedThere > 0
      ? [`${grouped(report.erasedThere)} of them were erased there before, and were left out`]
      : []),
    ...(keepsRecords
      ? []
      : [`${target} takes no whole records: the time at which each was received is that of the import`]),
    ...(report.anonymous > 0
      ? [
          `${grouped(report.anonymous)} prompts have no user. If they come from Langfuse, import its traces in the same command`,
        ]
      : []),
  ];
}

/** Returns the lines that name what was left out, for the standard error output. */
export function skipLines({ report }: ImportResult): string[] {
  return report.skipped.flatMap(([reason, count]) => {
    const { text, isLoss } = IMPORT_SKIP_REASONS[reason];
    const head = `${grouped(count)} left out: ${text}`;
    if (!isLoss) return [head];
    const more = count > MAX_NAMED ? [`  … and ${grouped(count - MAX_NAMED)} more`] : [];
    return [head, ...report.named(reason).map((skip) => `  ${placeText(skip)}`), ...more];
  });
}

function placeText({ place: { file, unit, number }, detail }: NamedSkip): string {
  return `${file}, ${unit} ${number}${detail ? `: ${detail}` : ''}`;
}

function recordsText(count: number): string {
  return count === 1 ? '1 record' : `${grouped(count)} records`;
}
