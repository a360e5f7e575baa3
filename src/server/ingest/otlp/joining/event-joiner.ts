import { recordId } from '../../../../common/record-id.js';
import { EVENT_EVALUATION_RESULT } from '../../../../common/semconv.js';
import { estimateSize, WaitingItems } from '../../../../common/collections/waiting-items.js';
import type { SpanEventLike } from '../../../../reading/model/span-like.js';
import { idsOf, type BufferedSpan } from './buffered-span.js';
import { toEvaluation, type Evaluation } from './evaluations.js';
import type { JoiningState } from './joining-state.js';
import { eventKey, isOptOutEvent, withoutContent, type LogEvent } from './log-events.js';

/** Log records that wait for their span. Exporters send both within seconds; a span ends minutes after its first log record at most. */
const LOG_LIMITS = { maxItems: 20_000, maxSize: 16_000_000, maxAgeMs: 15 * 60_000 };

/**
 * Gives log records to their spans as events, whichever comes first, and takes evaluations out of log records and events. `evaluations`
 * collects those that came or concern a span that came.
 */
export class EventJoiner {
  readonly #state: JoiningState;
  readonly #waiting: WaitingItems<LogEvent>;
  #unmatched = 0;
  #logsWithoutSpan: LogEvent[] = [];

  /** `now` returns milliseconds since 1970. */
  constructor(state: JoiningState, now: () => number) {
    this.#state = state;
    this.#waiting = new WaitingItems(LOG_LIMITS, (lost) => (this.#unmatched += lost.length), now);
  }

  /** Returns how many log records wait for their span, and how many have waited in vain since the start. */
  counts(): { readonly waiting: number; readonly unmatched: number } {
    this.#waiting.evict();
    return { waiting: this.#waiting.count, unmatched: this.#unmatched };
  }

  /** Forgets log records that have waited too long. */
  evict(): void {
    this.#waiting.evict();
  }

  /** Returns and forgets the log records that began to wait since the last call. */
  takeLogsWithoutSpan(): readonly LogEvent[] {
    return this.#logsWithoutSpan.splice(0);
  }

  /** Adds to spans that are new what waited for them, and their own events of evaluations. */
  addSpans(added: readonly BufferedSpan[], evaluations: Set<Evaluation>): void {
    for (const one of added) {
      const ids = idsOf(one);
      for (const event of one.sent.events ?? [])
        if (event.name === EVENT_EVALUATION_RESULT)
          this.#addEvaluation(toEvaluation(event, ids), evaluations);
      if (this.#waiting.count > 0) this.addLogs(this.#waiting.take(recordId(ids)), evaluations);
    }
  }

  /** Returns the spans that the log records belong to, as far as they are known. */
  addLogs(logs: readonly LogEvent[], evaluations: Set<Evaluation>): ReadonlySet<BufferedSpan> {
    const { spans } = this.#state;
    const eventsOf = new Map<BufferedSpan, Map<string, SpanEventLike>>();
    for (const log of logs) {
      const event = isOptOutEvent(log.event) ? withoutContent(log.event) : log.event;
      if (event.name === EVENT_EVALUATION_RESULT) {
        if (event === log.event) this.#addEvaluation(toEvaluation(event, log.span), evaluations);
        continue;
      }
      if (!log.span) continue;
      const known = spans.get(log.span.traceId, log.span.spanId);
      if (!known) {
        this.#waiting.add(recordId(log.span), { span: log.span, event }, estimateSize(event.attributes));
        this.#logsWithoutSpan.push({ span: log.span, event });
        continue;
      }
      const events = eventsOf.get(known) ?? new Map<string, SpanEventLike>();
      eventsOf.set(known, events.set(eventKey(event), event));
    }
    for (const [known, events] of eventsOf) spans.addLogEvents(known, events);
    return new Set(eventsOf.keys());
  }

  #addEvaluation(evaluation: Evaluation, evaluations: Set<Evaluation>): void {
    const { spans, responses } = this.#state;
    responses.addEvaluation(evaluation);
    evaluations.add(evaluation);
    if (!evaluation.span) return;
    const known = spans.get(evaluation.span.traceId, evaluation.span.spanId);
    if (known) known.evaluations = new Map([...known.evaluations, [evaluation.id, evaluation]]);
    else if (evaluation.responseId === undefined || !responses.spanOf(evaluation.responseId)) {
      const { span, event } = evaluation;
      const waiting = this.#waiting.peek(recordId(span));
      const isRepeated = waiting.some((log) => toEvaluation(log.event, span).id === evaluation.id);
      if (!isRepeated) this.#waiting.add(recordId(span), { span, event }, estimateSize(event.attributes));
    }
  }
}
