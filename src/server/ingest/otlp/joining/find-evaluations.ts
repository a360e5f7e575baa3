import { recordId } from '../../../../common/record-id.js';
import { ATTR_GEN_AI_RESPONSE_ID } from '../../../../common/semconv.js';
import { asText } from '../../../../common/unknown-values.js';
import { isOptedOut } from '../../../../records/privacy/opt-out.js';
import { idsOf, type BufferedSpan } from './buffered-span.js';
import type { Evaluation, FoundEvaluation } from './evaluations.js';
import type { JoiningState } from './joining-state.js';
import { recordedAt } from './recorded-at.js';

/** Adds the evaluations of spans, of their responses, and of spans above them: all may be about another record than before. */
export function addEvaluationsAbout(
  changed: ReadonlySet<BufferedSpan>,
  evaluations: Set<Evaluation>,
  { spans, responses }: JoiningState,
): void {
  /** Spans whose ancestors are all done. The walk up stops at them. */
  const done = new Set<BufferedSpan>();
  for (const span of changed) {
    const responseId = asText(span.span.attributes[ATTR_GEN_AI_RESPONSE_ID]);
    for (const evaluation of responses.evaluationsOf(responseId)) evaluations.add(evaluation);
    for (const evaluation of span.evaluations.values()) evaluations.add(evaluation);
    const parent = spans.get(span.trace.traceId, span.parentId ?? '');
    const above = parent && !done.has(parent) ? spans.ancestorsOf(span) : [];
    for (const one of above) for (const evaluation of one.evaluations.values()) evaluations.add(evaluation);
    // A span that is above itself has nothing above it here.
    if (!parent || done.has(parent) || above.length > 0) done.add(span);
  }
}

/** Finds the calls that evaluations are about. */
export function findEvaluations(
  evaluations: ReadonlySet<Evaluation>,
  state: JoiningState,
): {
  readonly found: readonly FoundEvaluation[];
  /** Ids of evaluations of calls that must not be recorded. */
  readonly withdrawn: readonly string[];
} {
  const { spans, responses, settled } = state;
  const found: FoundEvaluation[] = [];
  const withdrawn: string[] = [];
  for (const evaluation of evaluations) {
    const { span: ids, responseId } = evaluation;
    const own = ids && spans.get(ids.traceId, ids.spanId);
    const about = responses.spanOf(responseId) ?? own;
    const chain = about ? [about, ...spans.ancestorsOf(about)] : [];
    const [first, ...above] = chain.map(({ span }) => span);
    if (first && isOptedOut({ span: first, ancestors: above })) withdrawn.push(evaluation.id);
    else {
      const recorded = about && recordedAt(chain, state);
      found.push({
        ...evaluation,
        recordId: recorded ? recordId(idsOf(recorded)) : ids && settled.get(recordId(ids)),
        spans: chain.map(({ span }) => span),
      });
    }
  }
  return { found, withdrawn };
}
