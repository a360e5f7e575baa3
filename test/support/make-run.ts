import { type Context, ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import { type HandlerSettings, handlerSettings } from '../../src/langchain/options/handler-options.js';
import { type Inherited, ModelRun, OtherRun, type Run, type RunType } from '../../src/langchain/runs/run.js';
import type { RunIdentity } from '../../src/langchain/runs/run-identity.js';

/** The fields of an open LangChain run that a test chooses. */
export interface RunSketch {
  readonly type?: RunType;
  readonly runId?: string;
  readonly tags?: readonly string[] | undefined;
  readonly parent?: Inherited | undefined;
  readonly settings?: HandlerSettings;
  readonly span?: Span;
  readonly outerContext?: Context;
  readonly identity?: Partial<RunIdentity>;
  readonly agent?: string;
}

/** Makes an open run as the callback handler does. Default: a chain without parent, tags and span. */
export function makeRun(sketch: RunSketch = {}): Run {
  const { type = 'chain', runId = 'run', tags, parent, span, outerContext = ROOT_CONTEXT, agent } = sketch;
  const settings = sketch.settings ?? handlerSettings({});
  const identity = { userId: undefined, threadId: undefined, contextIdentity: undefined, ...sketch.identity };
  const start = {
    runId,
    tags,
    parentRunId: undefined,
    serialized: undefined,
    metadata: undefined,
    runName: undefined,
  };
  if (type === 'chat_model' || type === 'llm') {
    const model = { type, ...start };
    return new ModelRun(model, parent, settings, span, outerContext, identity, agent, undefined);
  }
  return new OtherRun({ type, ...start }, parent, settings, span, outerContext, identity, agent);
}
