import { isRecord } from '../../common/unknown-values.js';
import { unwrapLangChainMessage } from '../content/messages/langchain.js';
import { isMessage, toMessages } from '../content/messages/messages.js';
import { decode } from '../decoding/decode.js';
import type { SpanLike } from '../model/span-like.js';

/** Attributes with the output of an agent. */
const OUTPUT_KEYS = [
  'mastra.agent_run.output',
  'langfuse.observation.output',
  'langwatch.output',
  'traceloop.entity.output',
  'mlflow.spanOutputs',
  'lmnr.span.output',
  'genkit:output',
  'ai.response.text',
  'output.value',
  'output',
] as const;

/** Members of an output that hold the answer, or the conversation that ends with it. */
const ANSWER_NAMES = [
  'output',
  'answer',
  'final_output',
  'finalOutput',
  'response',
  'result',
  'text',
  'messages',
  'outputs',
  'value',
] as const;

/** Depth of objects in which an answer is looked for. */
const MAX_DEPTH = 3;

/** Returns the text of the answer in the output of an agent. `undefined`: the output is not recorded, or has an unknown shape. */
export function readTurnOutput({ attributes }: SpanLike): string | undefined {
  for (const name of OUTPUT_KEYS) {
    const written = attributes[name];
    if (written === undefined) continue;
    const answer = answerIn(decode(written).value, MAX_DEPTH);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function answerIn(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (Array.isArray(value)) return lastAnswer(value);
  if (!isRecord(value) || depth === 0) return undefined;
  if (isMessage(unwrapLangChainMessage(value))) return lastAnswer([value]);
  for (const name of ANSWER_NAMES) {
    const answer = answerIn(decode(value[name]).value, depth - 1);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** Returns the text of the last assistant message, if it is the last message. */
function lastAnswer(list: readonly unknown[]): string | undefined {
  if (!list.every((entry) => isRecord(entry) && isMessage(unwrapLangChainMessage(entry)))) return undefined;
  const last = toMessages(list, 'assistant').at(-1);
  if (last?.role !== 'assistant') return undefined;
  const text = last.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
  return text === '' ? undefined : text;
}
