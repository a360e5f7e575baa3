import { SpanKind } from '@opentelemetry/api';
import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_TOOL_CALL_ARGUMENTS,
  ATTR_GEN_AI_TOOL_NAME,
  ATTR_GEN_AI_WORKFLOW_NAME,
  ATTR_TRUBRICS_ABANDONED,
  EVENT_AGENT_ACTION,
  EVENT_AGENT_FINISH,
  OPERATION_INVOKE_AGENT,
  OPERATION_INVOKE_WORKFLOW,
} from '../../common/semconv.js';
import { showsContent, wantsContent } from './span-content.js';
import { endWith, runLabel, type SpanDescription, startRun, type Tracing } from '../runs/run-span.js';
import { recordFailure } from './failure.js';
import { toJson } from '../messages/bounded-json.js';
import { promptTemplate } from '../messages/prompt-template.js';
import { asRecord, asStrings, asText } from '../../common/unknown-values.js';
import type { Run, RunStart } from '../runs/run.js';
import { readMetadata, type RunMetadata } from '../options/run-metadata.js';
import type { RunRegistry } from '../runs/run-registry.js';
import { withoutBinary } from '../messages/scrub-text.js';

/** The names of open graphs that have not shown themselves to be agents. */
const graphs = new WeakMap<Run, string>();

/** The node by which a graph of `createAgent` asks its model. */
const MODEL_NODE = 'model_request';

/** A chain, a graph, a node of one, an agent, a prompt template, an output parser … begins. */
export function startChain(tracing: Tracing, start: RunStart, chainType: unknown): void {
  const metadata = readMetadata(start.metadata);
  const agent = agentOf(start, metadata, tracing.registry.ancestry(start.parentRunId)?.agent);
  const run = startRun(tracing, start, metadata, describeChain(start, agent));
  if (agent === undefined && classOf(start) === 'CompiledStateGraph') graphs.set(run, runLabel(start));
  else if (start.runName === MODEL_NODE) turnIntoAgent(tracing.registry, start);
  if (chainType === 'prompt' && wantsContent(run)) handTemplateOn(tracing.registry, run, start.serialized);
}

/** Ends a run that has nothing to tell but that it succeeded. */
export function endChain(registry: RunRegistry, runId: string): void {
  registry.end(runId)?.span?.end();
}

/** Ends a chain, tool or retriever as failed. */
export function failRun(registry: RunRegistry, runId: string, error: unknown): void {
  endWith(registry.end(runId), (span, run) => recordFailure(span, run, error));
}

/** A chain, tool or retriever was never heard of again. */
export function endAbandonedRun(run: Run): void {
  endWith(run, (span) => span.setAttribute(ATTR_TRUBRICS_ABANDONED, true), run.lastHeardMs);
}

/** An AgentExecutor chose a tool. The run is that of the executor: LangChain opens none for it. */
export function addAgentAction(registry: RunRegistry, runId: string, action: unknown): void {
  const run = registry.get(runId);
  if (!run?.span) return;
  const { tool, toolInput } = asRecord(action);
  run.span.addEvent(EVENT_AGENT_ACTION, {
    ...(asText(tool) !== undefined && { [ATTR_GEN_AI_TOOL_NAME]: asText(tool) }),
    ...(showsContent(run) && { [ATTR_GEN_AI_TOOL_CALL_ARGUMENTS]: withoutBinary(toJson(toolInput)) }),
  });
}

export function addAgentFinish(registry: RunRegistry, runId: string): void {
  registry.get(runId)?.span?.addEvent(EVENT_AGENT_FINISH);
}

function describeChain(start: RunStart, agent: string | undefined): SpanDescription {
  if (agent !== undefined) {
    return {
      name: `${OPERATION_INVOKE_AGENT} ${agent}`,
      kind: SpanKind.INTERNAL,
      agent,
      attributes: { [ATTR_GEN_AI_OPERATION_NAME]: OPERATION_INVOKE_AGENT, [ATTR_GEN_AI_AGENT_NAME]: agent },
    };
  }
  const name = runLabel(start);
  return {
    name: `${OPERATION_INVOKE_WORKFLOW} ${name}`,
    kind: SpanKind.INTERNAL,
    attributes: {
      [ATTR_GEN_AI_OPERATION_NAME]: OPERATION_INVOKE_WORKFLOW,
      [ATTR_GEN_AI_WORKFLOW_NAME]: name,
    },
  };
}

/** The agent that begins with this run. `createAgent` marks every run below it as its own: the topmost one is the agent. */
function agentOf(start: RunStart, metadata: RunMetadata, inherited: string | undefined): string | undefined {
  const named = asText(metadata.agentName);
  const created = named !== undefined || metadata.integration === 'langchain_create_agent';
  const executor = classOf(start) === 'AgentExecutor';
  if (!created && !executor) return undefined;
  const name = named ?? runLabel(start);
  if (executor) return name;
  return inherited === undefined || (named !== undefined && inherited !== named) ? name : undefined;
}

function classOf({ serialized }: RunStart): string | undefined {
  return asStrings(asRecord(serialized)['id']).at(-1);
}

/**
 * Agents of `langchain` 1.0 carry no mark, nor do those that are handed the config of another agent's tool: that has its mark. They
 * are known by what they do.
 */
function turnIntoAgent(registry: RunRegistry, { parentRunId, metadata }: RunStart): void {
  if (parentRunId === undefined || asRecord(metadata)['langgraph_node'] !== MODEL_NODE) return;
  const graph = registry.get(parentRunId);
  const name = graph && graphs.get(graph);
  if (!graph || name === undefined) return;
  graphs.delete(graph);
  graph.span?.updateName(`${OPERATION_INVOKE_AGENT} ${name}`);
  graph.span?.setAttributes({
    [ATTR_GEN_AI_OPERATION_NAME]: OPERATION_INVOKE_AGENT,
    [ATTR_GEN_AI_AGENT_NAME]: name,
  });
}

/** The model run that follows has the same parent. */
function handTemplateOn(registry: RunRegistry, run: Run, serialized: unknown): void {
  const parent = run.parentRunId === undefined ? undefined : registry.get(run.parentRunId);
  if (parent) parent.promptTemplate = promptTemplate(serialized);
}
