import { hasMethod } from '../common/unknown-values.js';
import { trace, type Context } from '@opentelemetry/api';
import { describe, notAccepted } from '../common/options/define-options.js';
import { guard } from '../common/guard.js';
import { asRecord } from '../common/unknown-values.js';
import type { SpanEventLike } from '../reading/model/span-like.js';
import { EVALUATION_EVENT } from '../records/feedback/evaluation-feedback.js';
import type { SpanIds } from './state/pending-log-events.js';

/** Log record, read structurally: the `SdkLogRecord` of the JS SDK fits. It is never changed. */
export interface LogRecordLike {
  readonly eventName?: string | undefined;
  readonly body?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly spanContext?: SpanIds | undefined;
}

/** Receiver of events for a span. {@link TrubricsSpanProcessor} is one. */
export interface LogEventTarget {
  addLogEvent(span: SpanIds, event: SpanEventLike): void;
}

/**
 * OpenTelemetry `LogRecordProcessor` for instrumentations that write prompts and answers into log records instead of spans:
 * OpenTelemetry's and Elastic's OpenAI instrumentations. It passes them to the span processor, which completes its records.
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
 * It never throws after construction and changes no log record. Only events of GenAI conversations are kept, until their span ends.
 */
export class TrubricsLogRecordProcessor {
  readonly #target: LogEventTarget;

  /** @throws TypeError if `target` is not a TrubricsSpanProcessor. */
  constructor(target: LogEventTarget) {
    if (!hasMethod(target, 'addLogEvent')) {
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

  /** Does nothing: the span processor buffers and delivers. */
  async forceFlush(): Promise<void> {
    await Promise.resolve();
  }

  async shutdown(): Promise<void> {
    await Promise.resolve();
  }
}

const EVENT_DETAILS = 'gen_ai.client.inference.operation.details';
const MESSAGE_EVENT =
  /^gen_ai\.(?:(?:system|user|assistant|tool)\.message|choice|content\.(?:prompt|completion))$/;

/** Converts a log record to a span event. `undefined`: it is no event of a GenAI conversation or evaluation. */
function toEvent({ eventName, attributes = {}, body }: LogRecordLike): SpanEventLike | undefined {
  const name = eventName || attributes['event.name'];
  if (typeof name !== 'string' || !name.startsWith('gen_ai.')) return undefined;
  // These carry their content in the attributes. The body is a title, or a copy.
  if (name === EVENT_DETAILS || name === EVALUATION_EVENT)
    return { name, attributes: { ...asRecord(body), ...attributes } };
  if (!MESSAGE_EVENT.test(name)) return undefined;
  return body === undefined || body === null
    ? { name, attributes }
    : { name, attributes: { ...attributes, 'gen_ai.event.content': body } };
}
