import type { Attributes } from '@opentelemetry/api';
import type { ContextIdentity } from '../../common/context-identity.js';
import {
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_SESSION_ID,
  ATTR_TRUBRICS_METADATA,
  ATTR_TRUBRICS_PROMPT_NAME,
  ATTR_TRUBRICS_PROMPT_VERSION,
  ATTR_TRUBRICS_RECORD,
  ATTR_TRUBRICS_TAGS,
  ATTR_USER_ID,
} from '../../common/semconv.js';
import type { HandlerSettings } from '../options/handler-options.js';
import { toShortJson } from '../messages/bounded-json.js';
import { cut, isEmpty } from '../../common/unknown-values.js';
import type { RunMetadata } from '../options/run-metadata.js';
import { type LinkedPrompt, withoutLinkedPrompts } from '../../common/text/linked-prompts.js';
import { withoutBinary } from '../../common/text/without-binary.js';

/** Tags of LangChain and LangGraph for steps, branches, attempts, hidden runs, and calls that an agent makes for itself. */
const INTERNAL_TAG =
  /^(?:(?:seq:step|map:key|retry:attempt|graph:step|langsmith):|(?:branch|condition):(?:\d+|default)$|nostream$)/;
const STEP_TAG = /^(?:seq:step:|map:key:)/;
const HIDDEN_TAG = 'langsmith:hidden';

const MAX_METADATA_LENGTH = 100_000;
const MAX_TAGS = 1_000;
const MAX_TAG_LENGTH = 1_000;

/** User and conversation of a run: from its own `config.metadata`, else from the nearest run above it. */
export interface RunIdentity {
  readonly userId: string | undefined;
  readonly threadId: string | undefined;
  /** Identity that `withTrubrics()` set around this run, else around the nearest run above it. */
  readonly contextIdentity: ContextIdentity | undefined;
  /** Opt-out for the span, because an exporter and another process do not see the context. `true`: a run below an opt-out is recorded. */
  readonly record?: boolean | undefined;
}

export function runIdentity(
  { userId, threadId }: RunMetadata,
  parent: RunIdentity | undefined,
  contextIdentity: ContextIdentity | undefined,
): RunIdentity {
  const identity = contextIdentity ?? parent?.contextIdentity;
  return {
    userId: userId ?? parent?.userId,
    threadId: threadId ?? parent?.threadId,
    contextIdentity: identity,
    record: recordOf(identity, parent),
  };
}

function recordOf(
  identity: ContextIdentity | undefined,
  parent: RunIdentity | undefined,
): boolean | undefined {
  const isBelowOptOut = parent?.record !== undefined;
  return identity?.record === true && !isBelowOptOut ? undefined : (identity?.record ?? parent?.record);
}

/** Returns true if LangChain runs it as a part of a sequence or of a map. */
export function isStep(tags: readonly string[] | undefined): boolean {
  return Array.isArray(tags) && tags.some((tag) => typeof tag === 'string' && STEP_TAG.test(tag));
}

export function isHidden(tags: readonly string[] | undefined): boolean {
  return Array.isArray(tags) && tags.includes(HIDDEN_TAG);
}

/** Returns user, conversation, tags and metadata as attributes of the run's span. */
export function identityAttributes(
  { userId, threadId, contextIdentity, record }: RunIdentity,
  settings: HandlerSettings,
  tags: readonly string[] | undefined,
  userMetadata: RunMetadata['userMetadata'],
): Attributes {
  const attributes: Attributes = {
    [ATTR_TRUBRICS_TAGS]: mergeTags(settings.tags, tags, contextIdentity?.tags),
  };
  const user = userId ?? settings.userId ?? contextIdentity?.userId;
  const thread = threadId ?? settings.threadId ?? contextIdentity?.threadId;
  if (user !== undefined) attributes[ATTR_USER_ID] = user;
  if (thread !== undefined) {
    attributes[ATTR_GEN_AI_CONVERSATION_ID] = thread;
    attributes[ATTR_SESSION_ID] = thread;
  }
  if (record !== undefined) attributes[ATTR_TRUBRICS_RECORD] = record;
  const merged = mergeMetadata(userMetadata, settings.metadata, contextIdentity?.properties);
  if (merged) addMetadata(attributes, merged);
  return attributes;
}

/** Adds metadata; of a prompt in it that was passed on whole, name and version, because its text is content. */
function addMetadata(attributes: Attributes, merged: Readonly<Record<string, unknown>>): void {
  const { metadata, prompt } = withoutLinkedPrompts(merged);
  if (prompt) addPrompt(attributes, prompt);
  if (!isEmpty(metadata))
    attributes[ATTR_TRUBRICS_METADATA] = withoutBinary(toShortJson(metadata, MAX_METADATA_LENGTH));
}

/** Adds name and version of a prompt of a prompt store. */
export function addPrompt(attributes: Attributes, { name, version }: LinkedPrompt): void {
  if (name !== undefined) attributes[ATTR_TRUBRICS_PROMPT_NAME] = name;
  if (version !== undefined) attributes[ATTR_TRUBRICS_PROMPT_VERSION] = version;
}

function mergeTags(
  handlerTags: readonly string[],
  runTags: readonly string[] | undefined,
  contextTags: readonly string[] | undefined,
): string[] {
  // Most runs have none. Their arrays are not copied.
  const hasTags = Array.isArray(runTags) && runTags.length > 0;
  if (!hasTags && !contextTags) return [...handlerTags];
  const userTags = hasTags ? runTags.slice(0, MAX_TAGS).filter(isUserTag) : [];
  const shortTags = userTags.map((tag) => cut(tag, MAX_TAG_LENGTH));
  return [...new Set([...handlerTags, ...shortTags, ...(contextTags ?? [])])];
}

function isUserTag(tag: unknown): tag is string {
  return typeof tag === 'string' && tag !== '' && !INTERNAL_TAG.test(tag);
}

/** Merges metadata; for the same key, the run's wins over the handler's, and that over the context's. */
function mergeMetadata(
  ofRun: Readonly<Record<string, unknown>> | undefined,
  ofHandler: Readonly<Record<string, unknown>> | undefined,
  ofContext: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (!ofHandler && !ofContext) return ofRun;
  return { ...ofContext, ...ofHandler, ...ofRun };
}
