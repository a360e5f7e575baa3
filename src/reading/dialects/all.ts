import type { SpanLike } from '../span-like.js';
import type { Dialect, SpanRole } from './dialect.js';
import { aiSdkDialect } from './ai-sdk.js';
import { braintrustDialect } from './braintrust.js';
import { genkitDialect } from './genkit.js';
import { googleAdkDialect } from './google-adk.js';
import { laminarDialect } from './laminar.js';
import { langSmithDialect } from './langsmith.js';
import { langfuseDialect } from './langfuse.js';
import { liveKitDialect } from './livekit.js';
import { mastraDialect } from './mastra.js';
import { mlflowDialect } from './mlflow.js';
import { openInferenceDialect } from './openinference.js';
import { voltAgentDialect } from './voltagent.js';
import { genAiDialect } from './gen-ai.js';
import { langtraceDialect } from './langtrace.js';
import { liteLlmDialect } from './litellm.js';
import { logfireDialect } from './logfire.js';
import { openLitDialect } from './openlit.js';
import { pydanticAiDialect } from './pydantic-ai.js';
import { sentryDialect } from './sentry.js';
import { strandsDialect } from './strands.js';
import { traceloopDialect } from './traceloop.js';
import { unnamedGenAiDialect } from './gen-ai-unnamed.js';

/**
 * All dialects, in the order in which they are tried: the first that recognises a span decides. Vendor dialects stand before
 * the general one, because rewriters put `gen_ai.*` names onto spans of other libraries.
 */
const DIALECTS: readonly Dialect[] = [
  langfuseDialect,
  aiSdkDialect,
  openInferenceDialect,
  langSmithDialect,
  mlflowDialect,
  braintrustDialect,
  laminarDialect,
  genkitDialect,
  mastraDialect,
  voltAgentDialect,
  sentryDialect,
  liteLlmDialect,
  traceloopDialect,
  langtraceDialect,
  openLitDialect,
  strandsDialect,
  logfireDialect,
  pydanticAiDialect,
  liveKitDialect,
  googleAdkDialect,
  genAiDialect,
  unnamedGenAiDialect,
];

/** For each signal the dialects that it stands for, as bits: bit n is the n-th of {@link DIALECTS}. */
const BITS_OF_SIGNAL: ReadonlyMap<string, number> = bitsOfSignals();

/** The first dialect that claims a span, and what it says that the span is. */
export function recognise(
  span: SpanLike,
  names: readonly string[] = Object.keys(span.attributes),
): { readonly dialect: Dialect; readonly role: SpanRole } | undefined {
  const { attributes } = span;
  let bits = 0;
  for (const name of names) bits |= BITS_OF_SIGNAL.get(name) ?? 0;
  for (let index = 0; bits >> index !== 0; index += 1) {
    if ((bits & (1 << index)) === 0) continue;
    const dialect = DIALECTS[index];
    const role = dialect?.recognise(attributes, span);
    if (dialect && role !== undefined) return { dialect, role };
  }
  return undefined;
}

function bitsOfSignals(): Map<string, number> {
  const bits = new Map<string, number>();
  for (const [index, { signals }] of DIALECTS.entries()) {
    for (const signal of signals) bits.set(signal, (bits.get(signal) ?? 0) | (1 << index));
  }
  return bits;
}
