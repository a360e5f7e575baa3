import type { LlmCall } from '../../../../reading/model/llm-call.js';
import type { SpanEventLike, SpanLike } from '../../../../reading/model/span-like.js';
import { evaluatedResponse } from '../../../../records/feedback/evaluation-feedback.js';
import { eventKey, type SpanIds } from './log-events.js';

/** A result of an evaluation, from a log record or from an event of a span. */
export interface Evaluation {
  /** Equal for a repeated delivery. */
  readonly id: string;
  readonly event: SpanEventLike;
  /** Span that was evaluated, or that the evaluation was made in. */
  readonly span: SpanIds | undefined;
  /** Id that the provider gave to the evaluated response. */
  readonly responseId: string | undefined;
}

/** An evaluation with what is known of the call that it is about. */
export interface FoundEvaluation extends Evaluation {
  /** Undefined if no call was found. */
  readonly recordId: string | undefined;
  /** The evaluated span and those above it, nearest first: they know the user. */
  readonly spans: readonly SpanLike[];
}

export function toEvaluation(event: SpanEventLike, span: SpanIds | undefined): Evaluation {
  return { id: `evaluation:${eventKey(event, span)}`, event, span, responseId: evaluatedResponse(event) };
}

/** Responses and evaluations of responses that are remembered. */
const MAX_REMEMBERED = 20_000;

/** Finds the span of a response of a provider, and evaluations that came before it. Both are bounded, the oldest are forgotten. */
export class ResponseIndex<Span> {
  readonly #spans = new Map<string, Span>();
  readonly #evaluations = new Map<string, readonly Evaluation[]>();

  setSpan(responseId: LlmCall['responseId'], span: Span): void {
    if (responseId !== undefined) setNewest(this.#spans, responseId, span);
  }

  spanOf(responseId: string | undefined): Span | undefined {
    return responseId === undefined ? undefined : this.#spans.get(responseId);
  }

  addEvaluation(evaluation: Evaluation): void {
    const { responseId, id } = evaluation;
    if (responseId === undefined) return;
    const known = this.#evaluations.get(responseId) ?? [];
    if (known.every((one) => one.id !== id)) setNewest(this.#evaluations, responseId, [...known, evaluation]);
  }

  /** Forgets spans and evaluations that are old. */
  forget(isOldSpan: (span: Span) => boolean, isOld: (evaluation: Evaluation) => boolean): void {
    for (const [id, span] of this.#spans) if (isOldSpan(span)) this.#spans.delete(id);
    for (const [id, known] of this.#evaluations) {
      const kept = known.filter((evaluation) => !isOld(evaluation));
      if (kept.length === 0) this.#evaluations.delete(id);
      else if (kept.length < known.length) this.#evaluations.set(id, kept);
    }
  }

  evaluationsOf(responseId: string | undefined): readonly Evaluation[] {
    return responseId === undefined ? [] : (this.#evaluations.get(responseId) ?? []);
  }
}

function setNewest<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_REMEMBERED) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
