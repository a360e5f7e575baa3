import { readFileSync } from 'node:fs';
import { load } from '@langchain/core/load';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { TrubricsCallbackHandler, type TrubricsCallbackHandlerOptions } from '../../src/langchain/index.js';
import { tracing } from './tracing.js';

interface Recorded {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Replays recorded callback arguments into a handler, in the order in which LangChain makes the calls. */
export async function replay(
  name: string,
  options: TrubricsCallbackHandlerOptions = {},
): Promise<ReadableSpan[]> {
  const file = new URL(`../fixtures/langchain-callbacks/provider-${name}.json`, import.meta.url);
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded[];
  const otel = tracing();
  const handler = new TrubricsCallbackHandler({ tracerProvider: otel.tracerProvider, ...options });
  const methods = handler as unknown as Record<string, (...args: unknown[]) => void>;
  for (const { method, args } of inOrder(recorded))
    methods[method]?.(...(await Promise.all(args.map(revive))));
  return otel.spans;
}

/** Restores the order of the calls: the recorder wrote the first token last. */
function inOrder(recorded: readonly Recorded[]): Recorded[] {
  const tokens = recorded.filter(({ method }) => method.includes('NewToken'));
  const rest = recorded.filter(({ method }) => !method.includes('NewToken'));
  const [start, ...ends] = rest;
  return [start, ...tokens.map(({ args }) => ({ method: 'handleLLMNewToken', args })), ...ends].filter(
    (call) => call !== undefined,
  );
}

/** Restores a recorded argument: messages as LangChain's classes, `null` as undefined. */
async function revive(value: unknown): Promise<unknown> {
  if (value === null) return undefined;
  if (Array.isArray(value)) return Promise.all(value.map(revive));
  if (typeof value !== 'object') return value;
  const { lc, id } = value as { lc?: number; id?: string[] };
  if (lc === 1 && id?.[0] === 'langchain_core' && id[1] === 'messages') return load(JSON.stringify(value));
  const entries = Object.entries(value).map(async ([key, item]) => [key, await revive(item)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
