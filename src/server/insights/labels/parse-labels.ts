import { isRecord } from '../../../common/unknown-values.js';
import type { Intents } from './intents.js';
import type { Labels } from './label-properties.js';
import { OUTCOMES, SENTIMENTS } from './label-values.js';

/** Reads the body of an answer. Undefined: it says no labels. */
export function parseLabels(body: string, intents: Intents): Labels | undefined {
  const object = objectIn(contentOf(body));
  if (!object) return undefined;
  const sentiment = choice(SENTIMENTS, object['sentiment']);
  const outcome = choice(OUTCOMES, object['outcome']);
  const { intent } = object;
  // Only an answer that is of use may add a category.
  if (!sentiment || !outcome || typeof intent !== 'string') return undefined;
  const joined = intents.join(intent);
  return joined === undefined ? undefined : { intent: joined, sentiment, outcome };
}

function contentOf(body: string): string {
  const answer = parseJson(body);
  const choices = isRecord(answer) ? answer['choices'] : undefined;
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const message = isRecord(first) ? first['message'] : undefined;
  const content = isRecord(message) ? message['content'] : undefined;
  return typeof content === 'string' ? content : '';
}

/** Models write their thoughts before the object, and fences around it. */
function objectIn(content: string): Readonly<Record<string, unknown>> | undefined {
  const text = content.slice(content.lastIndexOf('</think>') + 1);
  const object = parseJson(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
  return isRecord(object) ? object : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function choice<T extends string>(known: readonly T[], value: unknown): T | undefined {
  const text =
    typeof value === 'string'
      ? value
          .toLowerCase()
          .replaceAll(/[^a-z]+/g, ' ')
          .trim()
      : undefined;
  return known.find((one) => one === text);
}
