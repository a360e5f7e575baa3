import type { BufferedSpan } from './buffered-span.js';
import { CallGroups } from './call-groups.js';
import { ResponseIndex } from './evaluations.js';
import { SettledRecords } from './indexes/settled-records.js';
import { SpanBuffer } from './span-buffer.js';

/** State that is kept from one request to the next, and used by all steps. */
export interface JoiningState {
  readonly spans: SpanBuffer;
  readonly groups: CallGroups;
  readonly responses: ResponseIndex<BufferedSpan>;
  readonly settled: SettledRecords;
}

export function createJoiningState(): JoiningState {
  const spans = new SpanBuffer();
  return {
    spans,
    groups: new CallGroups(spans),
    responses: new ResponseIndex(),
    settled: new SettledRecords(),
  };
}
