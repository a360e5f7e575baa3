import { context, SpanKind } from '@opentelemetry/api';
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
import { recordsContentOnSpan, recordsContent } from '../runs/span-content.js';
import { endSpan, runLabel, type SpanDescription, startRun, type Tracing } from '../runs/run-span.js';
import { toJson } from '../messages/bounded-json.js';
import { promptTemplate } from '../messages/prompt-template.js';
import { classNameOf } from '../messages/serialized.js';
import { asRecord, asText } from '../../common/unknown-values.js';
import { openRun, type OtherRun, type OtherRunType, type Run, type RunStart } from '../runs/run.js';
import { readMetadata, type RunMetadata } from '../options/run-metadata.js';
import { storedPrompt } from '../options/stored-prompt.js';
import type { RunRegistry } from '../runs/run-registry.js';
import { withoutBinary } from '../../common/text/without-binary.js';

/** Node in which a graph of `createAgent` calls its model. */
const MODEL_NODE = 'model_request';

/** Starts the span of a chain, graph, graph node, agent, prompt template or output parser. */
export function startChain(tracing: Tracing, start: RunStart<OtherRunType>, chainType: unknown): void {
  const metadata = readMetadata(start.metadata);
  const active = context.active();
  const parent = tracing.registry.parentOf(start.parentRunId, active, metadata);
  const agent = agentOf(start, metadata, parent?.agent);
  const run = startRun(tracing, start, metadata, describeChain(start, agent), undefined, active, parent);
  if (agent === undefined && classNameOf(start.serialized) === 'CompiledStateGraph')
    run.unclassifiedGraph = runLabel(start);
  else if (start.runName === MODEL_NODE) markGraphAsAgent(openRun(parent), start);
  if (chainType === 'prompt') passPromptToParent(openRun(parent), start, recordsContent(run));
}

/** Ends the span of a chain that succeeded. */
export function endChain(registry: RunRegistry, run: Run): void {
  if (registry.end(run)) run.span?.end();
}

/** Ends the span of a chain, tool or retriever whose end was not reported, at the time of its last activity. */
export function endAbandonedRun(run: OtherRun): void {
  endSpan(run, (span) => span.setAttribute(ATTR_TRUBRICS_ABANDONED, true), run.lastActivityMs);
}

/** Adds an event for the tool that an AgentExecutor chose to the span of the executor: LangChain starts no run for the choice. */
export function addAgentAction(_registry: RunRegistry, run: Run, action: unknown): void {
  if (!run.span) return;
  const { tool, toolInput } = asRecord(action);
  run.span.addEvent(EVENT_AGENT_ACTION, {
    ...(asText(tool) !== undefined && { [ATTR_GEN_AI_TOOL_NAME]: asText(tool) }),
    ...(recordsContentOnSpan(run) && { [ATTR_GEN_AI_TOOL_CALL_ARGUMENTS]: withoutBinary(toJson(toolInput)) }),
  });
}

export function addAgentFinish(_registry: RunRegistry, run: Run): void {
  run.span?.addEvent(EVENT_AGENT_FINISH);
}

function describeChain(start: RunStart, agent: string | undefined): SpanDescription {
  const isAgent = agent !== undefined;
  const operation = isAgent ? OPERATION_INVOKE_AGENT : OPERATION_INVOKE_WORKFLOW;
  const name = agent ?? runLabel(start);
  return {
    name: `${operation} ${name}`,
    kind: SpanKind.INTERNAL,
    agent,
    attributes: {
      [ATTR_GEN_AI_OPERATION_NAME]: operation,
      [isAgent ? ATTR_GEN_AI_AGENT_NAME : ATTR_GEN_AI_WORKFLOW_NAME]: name,
    },
  };
}

/**
 * Returns the name of the agent that starts with this run, or undefined. `createAgent` marks all runs below it too: only the topmost
 * one is the agent.
 */
function agentOf(start: RunStart, metadata: RunMetadata, inherited: string | undefined): string | undefined {
  const named = asText(metadata.agentName);
  const created = named !== undefined || metadata.integration === 'langchain_create_agent';
  const executor = classNameOf(start.serialized) === 'AgentExecutor';
  if (!created && !executor) return undefined;
  const name = named ?? runLabel(start);
  if (executor) return name;
  return inherited === undefined || (named !== undefined && inherited !== named) ? name : undefined;
}

/**
 * Turns the parent graph of a model node into an agent's span. Agents of `langchain` 1.0 have no metadata that identifies them, and
 * those called with the config of another agent's tool have that agent's. Only their nodes identify them.
 */
function markGraphAsAgent(graph: Run | undefined, { metadata }: RunStart): void {
  const name = graph?.unclassifiedGraph;
  if (!graph || name === undefined || asRecord(metadata)['langgraph_node'] !== MODEL_NODE) return;
  graph.unclassifiedGraph = undefined;
  graph.span?.updateName(`${OPERATION_INVOKE_AGENT} ${name}`);
  graph.span?.setAttributes({
    [ATTR_GEN_AI_OPERATION_NAME]: OPERATION_INVOKE_AGENT,
    [ATTR_GEN_AI_AGENT_NAME]: name,
  });
}

/** Stores the prompt on the parent, which is also the parent of the model run that follows. */
function passPromptToParent(parent: Run | undefined, start: RunStart, withContent: boolean): void {
  if (!parent) return;
  parent.storedPrompt = storedPrompt(start.metadata);
  if (withContent) parent.promptTemplate = promptTemplate(start.serialized);
}
