import { type Attributes, SpanKind } from '@opentelemetry/api';
import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_TOOL_CALL_ARGUMENTS,
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_GEN_AI_TOOL_CALL_RESULT,
  ATTR_GEN_AI_TOOL_DESCRIPTION,
  ATTR_GEN_AI_TOOL_NAME,
  ATTR_GEN_AI_TOOL_TYPE,
  OPERATION_EXECUTE_TOOL,
} from '../../common/semconv.js';
import { recordsContent, setDefined, writeContent } from '../runs/span-content.js';
import { toolResponsePart } from '../messages/content-parts.js';
import { endSpan, runLabel, type SpanDescription, startRun, type Tracing } from '../runs/run-span.js';
import { toJson } from '../messages/bounded-json.js';
import { kwargsOf } from '../messages/serialized.js';
import { asRecord, asShortText, asText, cut, isRecord } from '../../common/unknown-values.js';
import type { OtherRunType, Run, RunStart } from '../runs/run.js';
import { readMetadata } from '../options/run-metadata.js';
import type { RunRegistry } from '../runs/run-registry.js';
import { withoutBinary } from '../../common/text/without-binary.js';

const MAX_DESCRIPTION_LENGTH = 1_000;
const MAX_TEXT_LENGTH = 1_000_000;

/** Starts the span of a tool. `toolCallId` is given by LangChain 1.x if a model called the tool. */
export function startTool(
  tracing: Tracing,
  start: RunStart<OtherRunType>,
  input: unknown,
  toolCallId: unknown,
): void {
  startRun(tracing, start, readMetadata(start.metadata), describeTool(start, toolCallId), () => ({
    [ATTR_GEN_AI_TOOL_CALL_ARGUMENTS]: toContentText(input),
  }));
}

/** Ends the span of a tool. `output` is a ToolMessage if a model called the tool, else the tool's return value. */
export function endTool(registry: RunRegistry, ended: Run, output: unknown): void {
  if (!registry.end(ended)) return;
  endSpan(ended, (span, run) => {
    const { tool_call_id, name } = asRecord(output);
    const callId = asText(tool_call_id);
    const toolName = asText(name);
    if (callId !== undefined) span.setAttribute(ATTR_GEN_AI_TOOL_CALL_ID, callId);
    // If the tool is a class, its start reported the class name. The message has the name that the model uses.
    if (callId !== undefined && toolName !== undefined) {
      span.setAttribute(ATTR_GEN_AI_TOOL_NAME, toolName);
      span.updateName(`${OPERATION_EXECUTE_TOOL} ${toolName}`);
    }
    if (recordsContent(run)) writeContent(run, { [ATTR_GEN_AI_TOOL_CALL_RESULT]: toolResult(output) });
  });
}

function describeTool(start: RunStart, toolCallId: unknown): SpanDescription {
  const name = runLabel(start);
  const attributes: Attributes = {
    [ATTR_GEN_AI_OPERATION_NAME]: OPERATION_EXECUTE_TOOL,
    [ATTR_GEN_AI_TOOL_NAME]: name,
    [ATTR_GEN_AI_TOOL_TYPE]: 'function',
  };
  const { description } = kwargsOf(start.serialized);
  setDefined(attributes, ATTR_GEN_AI_TOOL_DESCRIPTION, asShortText(description, MAX_DESCRIPTION_LENGTH));
  setDefined(attributes, ATTR_GEN_AI_TOOL_CALL_ID, asText(toolCallId));
  return { name: `${OPERATION_EXECUTE_TOOL} ${name}`, kind: SpanKind.INTERNAL, attributes };
}

function toolResult(output: unknown): string {
  const isMessage = isRecord(output) && 'content' in output && 'tool_call_id' in output;
  const part = isMessage ? toolResponsePart(undefined, output['content']) : undefined;
  return toContentText(part?.type === 'tool_call_response' ? part.response : output);
}

function toContentText(value: unknown): string {
  return withoutBinary(cut(typeof value === 'string' ? value : toJson(value), MAX_TEXT_LENGTH));
}
