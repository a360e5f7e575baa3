import { SpanKind } from '@opentelemetry/api';
import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_RETRIEVAL_DOCUMENTS,
  ATTR_GEN_AI_RETRIEVAL_QUERY_TEXT,
  OPERATION_RETRIEVAL,
} from '../../common/semconv.js';
import { recordsContent, writeContent } from '../runs/span-content.js';
import { endSpan, runLabel, type SpanDescription, startRun, type Tracing } from '../runs/run-span.js';
import { toJson } from '../messages/bounded-json.js';
import { asArray, asNumber, asRecord, asShortText, asText, cut } from '../../common/unknown-values.js';
import type { OtherRunType, Run, RunStart } from '../runs/run.js';
import { readMetadata } from '../options/run-metadata.js';
import type { RunRegistry } from '../runs/run-registry.js';
import { withoutBinary } from '../../common/text/without-binary.js';

const MAX_DOCUMENTS = 100;
const MAX_QUERY_LENGTH = 100_000;
const MAX_CONTENT_LENGTH = 10_000;

/** Starts the span of a retriever. */
export function startRetriever(tracing: Tracing, start: RunStart<OtherRunType>, query: unknown): void {
  const description: SpanDescription = {
    name: `${OPERATION_RETRIEVAL} ${runLabel(start)}`,
    kind: SpanKind.CLIENT,
    attributes: { [ATTR_GEN_AI_OPERATION_NAME]: OPERATION_RETRIEVAL },
  };
  startRun(tracing, start, readMetadata(start.metadata), description, () => ({
    [ATTR_GEN_AI_RETRIEVAL_QUERY_TEXT]: withoutBinary(cut(asText(query) ?? toJson(query), MAX_QUERY_LENGTH)),
  }));
}

/** Ends the span of a retriever. Ids and scores of documents are always recorded, their content only if content is recorded. */
export function endRetriever(registry: RunRegistry, ended: Run, documents: unknown): void {
  if (!registry.end(ended)) return;
  endSpan(ended, (span, run) => {
    if (!span.isRecording()) return;
    const found = asArray(documents).slice(0, MAX_DOCUMENTS);
    span.setAttribute(ATTR_GEN_AI_RETRIEVAL_DOCUMENTS, toJson(found.map(documentReference)));
    if (recordsContent(run)) {
      writeContent(run, {
        [ATTR_GEN_AI_RETRIEVAL_DOCUMENTS]: withoutBinary(toJson(found.map(documentWithContent))),
      });
    }
  });
}

/** Returns id and score. JSON leaves undefined members out. */
function documentReference(document: unknown): Record<string, unknown> {
  const { id, metadata } = asRecord(document);
  const known = asRecord(metadata);
  const score =
    asNumber(known['score']) ?? asNumber(known['relevance_score']) ?? asNumber(known['relevanceScore']);
  return { id: asText(id) ?? asText(known['id']), score };
}

function documentWithContent(document: unknown): Record<string, unknown> {
  const { pageContent } = asRecord(document);
  return { ...documentReference(document), content: asShortText(pageContent, MAX_CONTENT_LENGTH) };
}
