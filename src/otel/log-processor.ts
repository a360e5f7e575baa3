import { hasMethod } from '../common/unknown-values.js';
import { trace, type Context } from '@opentelemetry/api';
import { describe, notAccepted } from '../common/options/define-options.js';
import { guard } from '../common/guard.js';
import { toLogEvent } from '../reading/content/events/log-event.js';
import type { SpanEventLike } from '../reading/model/span-like.js';
import { PendingLogEvents, type LogEventBuffer, type SpanIds } from './state/pending-log-events.js';

/** Log record, read structurally: the `SdkLogRecord` of the JS SDK fits. It is never changed. */
export interface LogRecordLike {
  readonly eventName?: string | undefined;
  readonly body?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly spanContext?: SpanIds | undefined;
}

/** Receiver of events for a span. {@link TrubricsSpanProcessor} is one. */
export interface LogEventTarget {
  /** Keeps an event for a span that has not ended. `createBuffer` makes the place for it, if there is none. */
  addLogEvent(span: SpanIds, event: SpanEventLike, createBuffer: () => LogEventBuffer): void;
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
      const event = toLogEvent(record);
      if (!event) return;
      const span = record.spanContext ?? (context && trace.getSpanContext(context));
      if (span) this.#target.addLogEvent(span, event, createBuffer);
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

function createBuffer(): LogEventBuffer {
  return new PendingLogEvents();
}
