import {
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_RESPONSE_ID,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
  ATTR_GEN_AI_SYSTEM,
  ATTR_TRUBRICS_ABORTED,
  ATTR_TRUBRICS_CACHED,
  ATTR_TRUBRICS_PROMPT_TEMPLATE,
  ATTR_TRUBRICS_RUN_ID,
} from '../../common/semconv.js';
import { toBoolean, toNumber, toStrings, toText, type NamedAttributes } from '../model/attributes.js';
import type { DialectReading } from '../model/dialect.js';
import { field, fieldTable, readFields, type FieldGroups, type Found } from './fields.js';
import { normaliseFinishReason } from './finish-reason.js';
import type { LlmCall, OutputMessage, RequestParameters } from '../model/llm-call.js';
import { llmOperationOf } from './operation.js';
import { PARAMETER_FIELDS } from './parameters.js';
import { normaliseProvider } from './provider.js';
import { readCounts, withInclusiveInput } from './usage.js';

interface GenAiFields {
  readonly provider: string;
  readonly requestModel: string;
  readonly responseModel: string;
  readonly responseId: string;
  readonly finishReasons: readonly string[];
  readonly streaming: boolean;
  /** Seconds. */
  readonly timeToFirstToken: number;
  /** The template, otherwise its name in a prompt store. */
  readonly promptTemplate: string;
  readonly runId: string;
  readonly cached: boolean;
  readonly aborted: boolean;
}

/** The fields of the GenAI conventions without content. Dialects combine them with fields of their own in one table. */
export interface GenAiGroups {
  readonly fields: GenAiFields;
  readonly parameters: RequestParameters;
}

/** A reading of the GenAI conventions. These members are always set, perhaps empty. */
export type GenAiReading = DialectReading & { [K in Filled]: LlmCall[K] };

type Filled =
  | 'systemInstructions'
  | 'inputMessages'
  | 'outputMessages'
  | 'parameters'
  | 'usage'
  | 'finishReasons'
  | 'truncated';

export const GEN_AI_GROUPS: FieldGroups<GenAiGroups> = {
  fields: {
    provider: field(
      (value) => normaliseProvider(toText(value)),
      ATTR_GEN_AI_PROVIDER_NAME,
      ATTR_GEN_AI_SYSTEM,
      'gen_ai.model.provider',
      'llm.vendor',
    ),
    requestModel: field(toText, ATTR_GEN_AI_REQUEST_MODEL, 'gen_ai.model_name', 'llm.request.model'),
    responseModel: field(toText, ATTR_GEN_AI_RESPONSE_MODEL, 'llm.response.model'),
    responseId: field(toText, ATTR_GEN_AI_RESPONSE_ID),
    finishReasons: field(
      toFinishReasons,
      ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
      'gen_ai.response.finish_reason',
      'gen_ai.response.stop_reason',
      'llm.response.finish_reason',
      // The Anthropic SDK's own spans.
      'anthropic.message.stop_reason',
    ),
    streaming: field(
      toBoolean,
      ATTR_GEN_AI_REQUEST_STREAM,
      'gen_ai.request.is_stream',
      'gen_ai.request.streaming',
      'gen_ai.response.streaming',
      'llm.is_streaming',
    ),
    timeToFirstToken: field(
      toNumber,
      ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
      'gen_ai.client.operation.time_to_first_chunk',
      'gen_ai.response.time_to_first_token',
      // LiveKit for Python.
      'lk.response.ttft',
    ),
    promptTemplate: field(
      toText,
      ATTR_TRUBRICS_PROMPT_TEMPLATE,
      'llm.prompt_template.template',
      'traceloop.prompt.template',
      'traceloop.prompt.key',
      'gen_ai.prompt.name',
    ),
    runId: field(toText, ATTR_TRUBRICS_RUN_ID),
    cached: field(toBoolean, ATTR_TRUBRICS_CACHED),
    aborted: field(toBoolean, ATTR_TRUBRICS_ABORTED),
  },
  parameters: PARAMETER_FIELDS,
};

const TABLE = fieldTable<GenAiGroups>(GEN_AI_GROUPS);

/** Reads the fields of the GenAI conventions, present and past, without content. `output` may hold the finish reasons. */
export function readGenAiFields(view: NamedAttributes, output: readonly OutputMessage[] = []): GenAiReading {
  const found = readFields(view, TABLE, { fields: {}, parameters: {} });
  return toGenAiReading(found, view, output);
}

/** Like {@link readGenAiFields}, from fields that were read already. */
export function toGenAiReading(
  { fields, parameters }: Found<GenAiGroups>,
  view: NamedAttributes,
  output: readonly OutputMessage[],
): GenAiReading {
  return {
    operation: llmOperationOf(view.attributes),
    provider: fields.provider,
    requestModel: fields.requestModel,
    responseModel: fields.responseModel,
    responseId: fields.responseId,
    parameters,
    usage: withInclusiveInput(readCounts(view)),
    // Some versions of the conventions have finish reasons in an attribute, others in the messages.
    finishReasons: fields.finishReasons ?? finishReasonsOf(output),
    streaming: fields.streaming ?? (fields.timeToFirstToken === undefined ? undefined : true),
    timeToFirstToken: fields.timeToFirstToken,
    promptTemplate: fields.promptTemplate,
    runId: fields.runId,
    cached: fields.cached,
    aborted: fields.aborted,
    systemInstructions: [],
    inputMessages: [],
    outputMessages: [],
    truncated: false,
    // Named although unknown: dialects set these members, or spread this object first. In Node 20, overwriting members is much faster than
    // adding them (test/bench/reading.mjs).
    inputTruncated: undefined,
    metadata: undefined,
    error: undefined,
    startTimeMs: undefined,
  };
}

/** Returns `undefined` if the value has none. */
function toFinishReasons(value: unknown): readonly string[] | undefined {
  const reasons = toStrings(value).map((reason) => normaliseFinishReason(reason));
  return reasons.length > 0 ? reasons.filter((reason) => reason !== undefined) : undefined;
}

function finishReasonsOf(output: readonly OutputMessage[]): readonly string[] {
  return output.map((message) => message.finishReason).filter((reason) => reason !== undefined);
}
