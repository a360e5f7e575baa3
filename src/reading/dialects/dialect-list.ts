import type { Dialect } from '../model/dialect.js';
import { aiSdkDialect } from './ai-sdk.js';
import { braintrustDialect } from './braintrust.js';
import { claudeCodeDialect } from './claude-code.js';
import { genkitDialect } from './genkit.js';
import { googleAdkDialect } from './google-adk.js';
import { laminarDialect } from './laminar.js';
import { langSmithDialect } from './langsmith.js';
import { langWatchDialect } from './langwatch.js';
import { langfuseDialect } from './langfuse.js';
import { mistralDialect } from './mistral.js';
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
 * All dialects, in the order in which they are tried: the first one that recognises a span reads it. A new dialect is added here.
 * Dialects of vendors come before the general one, because rewriters add `gen_ai.*` attributes to spans of other libraries.
 */
export const DIALECTS: readonly Dialect[] = [
  langfuseDialect,
  aiSdkDialect,
  openInferenceDialect,
  langSmithDialect,
  mlflowDialect,
  braintrustDialect,
  laminarDialect,
  langWatchDialect,
  genkitDialect,
  mastraDialect,
  claudeCodeDialect,
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
  mistralDialect,
  genAiDialect,
  unnamedGenAiDialect,
];
