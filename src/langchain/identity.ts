import type { Attributes } from '@opentelemetry/api';
import type { Identity } from '../context.js';
import {
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_SESSION_ID,
  ATTR_TRUBRICS_METADATA,
  ATTR_TRUBRICS_TAGS,
  ATTR_USER_ID,
} from '../semconv.js';
import type { HandlerSettings } from './handler-options.js';
import { toJson } from './json.js';
import { asRecord, cut } from './read.js';

const USER_KEYS = ['user_id', 'userId', 'langfuseUserId'];
const THREAD_KEYS = [
  'thread_id',
  'threadId',
  'session_id',
  'sessionId',
  'conversation_id',
  'langfuseSessionId',
];
const IDENTITY_KEYS = new Set([...USER_KEYS, ...THREAD_KEYS]);

/** What LangChain and LangGraph add to the user's metadata on their own. */
const INTERNAL_KEY = /^(?:ls_|lc_|langgraph_|checkpoint_|__|versions$|timeoutMs$)/;
/** Tags by which LangChain and LangGraph mark steps, branches, attempts and hidden runs. */
const INTERNAL_TAG = /^(?:seq:step:|map:key:|retry:attempt:|graph:step:|langsmith:)/;
const HIDDEN_TAG = 'langsmith:hidden';

const MAX_ID_LENGTH = 1_000;

/** Who asks, as far as `config.metadata` of a run and of those above it says. */
export interface RunIdentity {
  readonly userId: string | undefined;
  readonly threadId: string | undefined;
  /** What {@link withTrubrics} said when the topmost run began. */
  readonly ambient: Identity | undefined;
}

/** The identity of a run: its own metadata, then its parent's. */
export function runIdentity(
  metadata: unknown,
  parent: RunIdentity | undefined,
  ambient: Identity | undefined,
): RunIdentity {
  const own = asRecord(metadata);
  return {
    userId: firstId(own, USER_KEYS) ?? parent?.userId,
    threadId: firstId(own, THREAD_KEYS) ?? parent?.threadId,
    ambient: ambient ?? parent?.ambient,
  };
}

export function isHidden(tags: readonly string[] | undefined): boolean {
  return Array.isArray(tags) && tags.includes(HIDDEN_TAG);
}

/** User, conversation, tags and metadata, as attributes of the run's span. */
export function identityAttributes(
  { userId, threadId, ambient }: RunIdentity,
  settings: HandlerSettings,
  tags: readonly string[] | undefined,
  metadata: unknown,
): Attributes {
  const attributes: Attributes = {
    [ATTR_TRUBRICS_TAGS]: mergeTags(ambient?.tags, settings.tags, tags),
  };
  const user = userId ?? settings.userId ?? ambient?.userId;
  const thread = threadId ?? settings.threadId ?? ambient?.threadId;
  if (user !== undefined) attributes[ATTR_USER_ID] = user;
  if (thread !== undefined) {
    attributes[ATTR_GEN_AI_CONVERSATION_ID] = thread;
    attributes[ATTR_SESSION_ID] = thread;
  }
  const own = userMetadata(metadata, settings.metadata, ambient?.properties);
  if (own) attributes[ATTR_TRUBRICS_METADATA] = toJson(own);
  return attributes;
}

function mergeTags(
  ambient: readonly string[] | undefined,
  ofHandler: readonly string[],
  ofRun: readonly string[] | undefined,
): string[] {
  const tags = new Set(['langchain', ...ofHandler]);
  if (Array.isArray(ofRun)) {
    for (const tag of ofRun)
      if (typeof tag === 'string' && tag !== '' && !INTERNAL_TAG.test(tag)) tags.add(tag);
  }
  for (const tag of ambient ?? []) tags.add(tag);
  return [...tags];
}

function userMetadata(
  metadata: unknown,
  ofHandler: Readonly<Record<string, unknown>>,
  ambient: Readonly<Record<string, unknown>> | undefined,
): Record<string, unknown> | undefined {
  const result: Record<string, unknown> = {};
  let found = false;
  for (const source of [ambient, ofHandler, asRecord(metadata)]) {
    for (const key in source) {
      if (IDENTITY_KEYS.has(key) || INTERNAL_KEY.test(key) || !Object.hasOwn(source, key)) continue;
      const value = read(source, key);
      if (value === undefined) continue;
      result[key] = ArrayBuffer.isView(value) ? `[${value.byteLength} bytes]` : value;
      found = true;
    }
  }
  return found ? result : undefined;
}

function firstId(metadata: Readonly<Record<string, unknown>>, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = read(metadata, key);
    if (typeof value === 'string' && value !== '') return cut(value, MAX_ID_LENGTH);
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  }
  return undefined;
}

/** A property of somebody else's object: its getter may throw. */
function read(source: Readonly<Record<string, unknown>>, key: string): unknown {
  try {
    return source[key];
  } catch {
    return undefined;
  }
}
