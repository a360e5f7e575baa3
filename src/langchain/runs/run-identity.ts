import type { Attributes } from '@opentelemetry/api';
import type { ContextIdentity } from '../../identity/with-trubrics.js';
import {
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_SESSION_ID,
  ATTR_TRUBRICS_METADATA,
  ATTR_TRUBRICS_TAGS,
  ATTR_USER_ID,
} from '../../common/semconv.js';
import type { HandlerSettings } from '../options/handler-options.js';
import { toShortJson } from '../messages/bounded-json.js';
import { cut } from '../../common/unknown-values.js';
import type { RunMetadata } from '../options/run-metadata.js';
import { withoutBinary } from '../messages/scrub-text.js';

/** Tags by which LangChain and LangGraph mark steps, branches, attempts and hidden runs. */
const INTERNAL_TAG = /^(?:seq:step:|map:key:|retry:attempt:|graph:step:|langsmith:)/;
const STEP_TAG = /^(?:seq:step:|map:key:)/;
const HIDDEN_TAG = 'langsmith:hidden';

const MAX_METADATA_LENGTH = 100_000;
const MAX_TAGS = 1_000;
const MAX_TAG_LENGTH = 1_000;

/** Who asks, as far as `config.metadata` of a run and of those above it says. */
export interface RunIdentity {
  readonly userId: string | undefined;
  readonly threadId: string | undefined;
  /** What `withTrubrics()` said around this run, else around the nearest one above it. */
  readonly ambient: ContextIdentity | undefined;
}

/** The identity of a run: its own metadata, then its parent's. */
export function runIdentity(
  { userId, threadId }: RunMetadata,
  parent: RunIdentity | undefined,
  ambient: ContextIdentity | undefined,
): RunIdentity {
  return {
    userId: userId ?? parent?.userId,
    threadId: threadId ?? parent?.threadId,
    ambient: ambient ?? parent?.ambient,
  };
}

/** Whether LangChain runs it as a part of a sequence or of a map. */
export function isStep(tags: readonly string[] | undefined): boolean {
  return Array.isArray(tags) && tags.some((tag) => typeof tag === 'string' && STEP_TAG.test(tag));
}

export function isHidden(tags: readonly string[] | undefined): boolean {
  return Array.isArray(tags) && tags.includes(HIDDEN_TAG);
}

/** Adds user, conversation, tags and metadata to the attributes of the run's span. */
export function addIdentity(
  attributes: Attributes,
  { userId, threadId, ambient }: RunIdentity,
  settings: HandlerSettings,
  tags: readonly string[] | undefined,
  own: RunMetadata['own'],
): void {
  attributes[ATTR_TRUBRICS_TAGS] = mergeTags(ambient?.tags, settings.tags, tags);
  const user = userId ?? settings.userId ?? ambient?.userId;
  const thread = threadId ?? settings.threadId ?? ambient?.threadId;
  if (user !== undefined) attributes[ATTR_USER_ID] = user;
  if (thread !== undefined) {
    attributes[ATTR_GEN_AI_CONVERSATION_ID] = thread;
    attributes[ATTR_SESSION_ID] = thread;
  }
  const merged = mergeMetadata(own, settings.metadata, ambient?.properties);
  if (merged) attributes[ATTR_TRUBRICS_METADATA] = withoutBinary(toShortJson(merged, MAX_METADATA_LENGTH));
}

function mergeTags(
  ambient: readonly string[] | undefined,
  ofHandler: readonly string[],
  ofRun: readonly string[] | undefined,
): string[] {
  const own = Array.isArray(ofRun) ? ofRun.slice(0, MAX_TAGS).filter(isOwnTag) : [];
  if (own.length === 0 && !ambient) return [...ofHandler];
  return [...new Set([...ofHandler, ...own.map((tag) => cut(tag, MAX_TAG_LENGTH)), ...(ambient ?? [])])];
}

function isOwnTag(tag: unknown): tag is string {
  return typeof tag === 'string' && tag !== '' && !INTERNAL_TAG.test(tag);
}

/** The nearer to the run, the more it counts. */
function mergeMetadata(
  ofRun: Readonly<Record<string, unknown>> | undefined,
  ofHandler: Readonly<Record<string, unknown>> | undefined,
  ambient: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (!ofHandler && !ambient) return ofRun;
  return { ...ambient, ...ofHandler, ...ofRun };
}
