import type { Span } from '@opentelemetry/api';
import type { Run } from './run.js';

/** Does `work` on the run's span and ends the span, also when `work` fails on something that another library made. */
export function endWith(
  run: Run | undefined,
  work: (span: Span, run: Run) => void,
  endTimeMs?: number,
): void {
  const span = run?.span;
  if (!span) return;
  try {
    work(span, run);
  } finally {
    span.end(endTimeMs);
  }
}
