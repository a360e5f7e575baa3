import type { Losses } from './decoding/attribute-values.js';
import type { PartialSuccess } from './otlp-response.js';
import type { Signal } from './signals.js';

/** Numbers of items that were read but make no record. */
export interface Unused {
  /** LLM spans that cannot be read. */
  readonly unreadable: number;
  readonly withoutContent: number;
  /** Evaluations without a result. */
  readonly withoutResult: number;
  /** Evaluations of nothing that is known. */
  readonly withoutTarget: number;
}

/** Returns what explains missing records of a request that was accepted; undefined if nothing is missing. */
export function partialSuccess(
  { item, rejected }: Signal,
  losses: Readonly<Losses>,
  { unreadable: unreadableCalls, withoutContent, withoutResult, withoutTarget }: Unused,
): PartialSuccess | undefined {
  const unreadable = losses.unreadable + unreadableCalls;
  const problems = [
    [losses.withoutIds, `${item}(s) without a trace id and a span id`],
    [unreadable, `${item}(s) that cannot be read`],
    [losses.values, 'value(s) left out, because they are malformed or nested too deep'],
    [withoutResult, 'evaluation(s) without score, label and explanation'],
    [withoutTarget, 'evaluation(s) without a span, a response and a conversation'],
    [
      withoutContent,
      'LLM span(s) without prompt and answer: set the instrumentation to record message content, ' +
        'for instance OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true, and send its log records here too, at /v1/logs',
    ],
  ] as const;
  const errorMessage = problems
    .flatMap(([count, text]) => (count > 0 ? [`${count} ${text}`] : []))
    .join('; ');
  const count = losses.withoutIds + unreadable + withoutResult + withoutTarget;
  return errorMessage === '' ? undefined : { rejected: count, field: rejected, errorMessage };
}
