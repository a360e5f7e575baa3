import { trace, type Context } from '@opentelemetry/api';
import { describe, notAccepted } from '../common/options/define-options.js';
import { guard } from '../common/guard.js';
import type { SpanIds } from './state/pending-log-events.js';
import type { SpanEventLike } from '../reading/model/span-like.js';
import { asRecord } from '../common/unknown-values.js';

/** A log record, read structurally: the `SdkLogRecord` of the JS SDK fits. Nothing is ever written to it. */
export interface LogRecordLike {
  readonly eventName?: string | undefined;
  readonly body?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly spanContext?: SpanIds | undefined;
}

/** Takes what log records say of spans. {@link TrubricsSpanProcessor} does. */
export interface LogEventTarget {
  addLogEvent(span: SpanIds, event: SpanEventLike): void;
}

/**
 * An OpenTelemetry `LogRecordProcessor` for instrumentations that write prompts and answers into log records and not onto spans:
 * OpenTelemetry's and Elastic's OpenAI instrumentations. It hands them to the span processor, which completes its records.
 *
 * ```ts
 * const spanProcessor = new TrubricsSpanProcessor();
 * new NodeSDK({
 *   spanProcessors: [spanProcessor],
 *   logRecordProcessors: [new TrubricsLogRecordProcessor(spanProcessor)],
 *   instrumentations: [new OpenAIInstrumentation({ captureMessageContent: true })],
 * }).start();
 * ```
 *
 * It never throws after construction, changes no log record and keeps those of GenAI conversations alone, until their span ends.
 */
export class TrubricsLogRecordProcessor {
  readonly #target: LogEventTarget;

  /** @throws TypeError when `target` is not a TrubricsSpanProcessor. */
  constructor(target: LogEventTarget) {
    if (typeof (target as Partial<LogEventTarget> | undefined)?.addLogEvent !== 'function') {
      const what = 'The argument of TrubricsLogRecordProcessor';
      throw notAccepted(what, 'the TrubricsSpanProcessor that records the spans', describe(target));
    }
    this.#target = target;
  }

  onEmit(record: LogRecordLike, context?: Context): void {
    guard('onEmit', () => {
      const event = toEvent(record);
      if (!event) return;
      const span = record.spanContext ?? (context && trace.getSpanContext(context));
      if (span) this.#target.addLogEvent(span, event);
    });
  }

  /** Nothing is buffered here: the span processor delivers. */
  async forceFlush(): Promise<void> {
    await Promise.resolve();
  }

  async shutdown(): Promise<void> {
    await Promise.resolve();
  }
}

const EVENT_DETAILS = 'gen_ai.client.inference.operation.details';
/** What an evaluator thinks of an answer: it becomes feedback. */
const EVENT_EVALUATION = 'gen_ai.evaluation.result';
const MESSAGE_EVENT =
  /^gen_ai\.(?:(?:system|user|assistant|tool)\.message|choice|content\.(?:prompt|completion))$/;

/** The log record as the span event that it would have been. `undefined`: it is not of a conversation, or has no content. */
function toEvent({ eventName, attributes = {}, body }: LogRecordLike): SpanEventLike | undefined {
  const name = eventName || attributes['event.name'];
  if (typeof name !== 'string' || !name.startsWith('gen_ai.')) return undefined;
  // Its content is in the attributes; the body is a mere title, or another copy.
  if (name === EVENT_DETAILS || name === EVENT_EVALUATION)
    return { name, attributes: { ...asRecord(body), ...attributes } };
  if (!MESSAGE_EVENT.test(name)) return undefined;
  return body === undefined || body === null
    ? { name, attributes }
    : { name, attributes: { ...attributes, 'gen_ai.event.content': body } };
}
