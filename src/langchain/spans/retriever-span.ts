import { SpanKind } from '@opentelemetry/api';
import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_RETRIEVAL_DOCUMENTS,
  ATTR_GEN_AI_RETRIEVAL_QUERY_TEXT,
  OPERATION_RETRIEVAL,
} from '../../common/semconv.js';
import { wantsContent, writeContent } from './span-content.js';
import { endWith, runLabel, startRun, type Tracing } from '../runs/run-span.js';
import { toJson } from '../messages/bounded-json.js';
import { asArray, asNumber, asRecord, asText, cut } from '../../common/unknown-values.js';
import type { RunStart } from '../runs/run.js';
import { readMetadata } from '../options/run-metadata.js';
import type { RunRegistry } from '../runs/run-registry.js';
import { withoutBinary } from '../messages/scrub-text.js';

const MAX_DOCUMENTS = 100;
const MAX_QUERY_LENGTH = 100_000;
const MAX_CONTENT_LENGTH = 10_000;

/** A retriever begins. */
export function startRetriever(tracing: Tracing, start: RunStart, query: unknown): void {
  const run = startRun(tracing, start, readMetadata(start.metadata), {
    name: `${OPERATION_RETRIEVAL} ${runLabel(start)}`,
    kind: SpanKind.CLIENT,
    attributes: { [ATTR_GEN_AI_OPERATION_NAME]: OPERATION_RETRIEVAL },
  });
  if (wantsContent(run))
    writeContent(run, {
      [ATTR_GEN_AI_RETRIEVAL_QUERY_TEXT]: withoutBinary(
        cut(asText(query) ?? toJson(query), MAX_QUERY_LENGTH),
      ),
    });
}

/** A retriever has found documents: ids and scores are told always, contents where content may be. */
export function endRetriever(registry: RunRegistry, runId: string, documents: unknown): void {
  endWith(registry.end(runId), (span, run) => {
    if (!span.isRecording()) return;
    const found = asArray(documents).slice(0, MAX_DOCUMENTS);
    span.setAttribute(ATTR_GEN_AI_RETRIEVAL_DOCUMENTS, toJson(found.map((document) => reference(document))));
    if (wantsContent(run)) {
      writeContent(run, {
        [ATTR_GEN_AI_RETRIEVAL_DOCUMENTS]: withoutBinary(toJson(found.map((document) => full(document)))),
      });
    }
  });
}

function reference(document: unknown): Record<string, unknown> {
  const { id, metadata } = asRecord(document);
  const known = asRecord(metadata);
  const documentId = asText(id) ?? asText(known['id']);
  const score =
    asNumber(known['score']) ?? asNumber(known['relevance_score']) ?? asNumber(known['relevanceScore']);
  return { ...(documentId !== undefined && { id: documentId }), ...(score !== undefined && { score }) };
}

function full(document: unknown): Record<string, unknown> {
  const content = asText(asRecord(document)['pageContent']);
  return {
    ...reference(document),
    ...(content !== undefined && { content: cut(content, MAX_CONTENT_LENGTH) }),
  };
}
