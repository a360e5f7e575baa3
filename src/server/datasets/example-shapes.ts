import { createHash } from 'node:crypto';
import type { PropertyValue } from '../../records/model/prompt-record.js';
import { askedText, modelOf, type StoredRecord } from '../model/stored-record.js';
import type { DatasetItem, Shape } from './dataset-page.js';

type Json = Readonly<Record<string, unknown>>;

/** One call of a tool, as a model asks for it. */
interface ToolCall {
  readonly name: string;
  /** JSON. */
  readonly arguments: string;
}

/** Returns an item in a shape. Undefined if it is no example: nothing was asked, or for `openai`, nothing answered. */
export function toExample(
  shape: Shape,
  dataset: string,
  item: DatasetItem,
  record: StoredRecord,
): Json | undefined {
  return shape === 'openai' ? toFineTuning(item, record) : toLangfuseItem(dataset, item, record);
}

/**
 * Returns one line of a file for supervised fine-tuning: `{ messages }`, which ends with the answer
 * (platform.openai.com/docs/guides/supervised-fine-tuning). An answer of tool calls alone is written as such.
 */
function toFineTuning(item: DatasetItem, record: StoredRecord): Json | undefined {
  const input = inputMessages(record);
  const answer = answerMessage(item, record);
  return input && answer && { messages: [...input, answer] };
}

/**
 * Returns what `POST /api/public/dataset-items` of Langfuse takes (api.reference.langfuse.com). The id is the same in each export, so that importing
 * again replaces.
 */
function toLangfuseItem(dataset: string, item: DatasetItem, record: StoredRecord): Json | undefined {
  const messages = inputMessages(record);
  if (!messages) return undefined;
  const [traceId, spanId] = ['trace_id', 'span_id'].map((name) => textOf(record.properties[name]));
  const model = modelOf(record);
  return {
    datasetName: dataset,
    id: createHash('sha256')
      .update(JSON.stringify([dataset, item.recordId]))
      .digest('hex')
      .slice(0, 32),
    input: { messages },
    expectedOutput: answerMessage(item, record) ?? null,
    metadata: {
      recordId: item.recordId,
      timestamp: record.timestamp,
      ...(model !== undefined && { model }),
      isCorrected: item.correctedAnswer !== undefined,
      ...(item.correctedAnswer !== undefined && { answer: answerText(record) }),
    },
    ...(traceId !== undefined && { sourceTraceId: traceId }),
    ...(traceId !== undefined && spanId !== undefined && { sourceObservationId: spanId }),
    status: 'ACTIVE',
  };
}

function inputMessages(record: StoredRecord): readonly Json[] | undefined {
  const question = askedText(record);
  if (question === '') return undefined;
  const system = textOf(record.properties['system_prompt']);
  return [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    { role: 'user', content: question },
  ];
}

function answerMessage({ correctedAnswer }: DatasetItem, record: StoredRecord): Json | undefined {
  if (correctedAnswer !== undefined) return { role: 'assistant', content: correctedAnswer };
  const content = answerText(record);
  const calls = toolCallsIn(record, content);
  if (calls)
    return {
      role: 'assistant',
      tool_calls: calls.map((call, index) => ({ id: `call_${index + 1}`, type: 'function', function: call })),
    };
  return content === '' ? undefined : { role: 'assistant', content };
}

function answerText(record: StoredRecord): string {
  return record.kind === 'prompt' ? record.generation : (textOf(record.properties['generation']) ?? '');
}

/** Reads an answer that consists of tool calls alone, written as `name({"arg":1})`, one a line. Undefined for any other. */
function toolCallsIn(record: StoredRecord, answer: string): readonly ToolCall[] | undefined {
  const names = record.properties['tool_calls'];
  if (names === undefined || names === null || names === '') return undefined;
  const lines = answer.split('\n').filter((line) => line !== '');
  const calls = lines.flatMap((line) => toToolCall(line) ?? []);
  return calls.length > 0 && calls.length === lines.length ? calls : undefined;
}

function toToolCall(line: string): ToolCall | undefined {
  const [, name, json] = /^([\w.-]+)\((.*)\)$/.exec(line) ?? [];
  if (name === undefined || json === undefined) return undefined;
  try {
    JSON.parse(json);
    return { name, arguments: json };
  } catch {
    return json === '' ? { name, arguments: '{}' } : undefined;
  }
}

function textOf(value: PropertyValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
