import { idText } from '../../common/id-text.js';
import { toProperties } from '../calls/properties.js';
import { ANONYMOUS, type TrackedEvent } from '../model/prompt-record.js';
import { toIso } from '../text/timestamp.js';
import { wellFormed } from '../text/clean-text.js';

/** Event of the application, for instance a sign-up. */
export interface TrackInput {
  /** Name of the event. */
  readonly event: string;
  /** User who caused it. Default: `"anonymous"`. */
  readonly userId?: string | undefined;
  readonly threadId?: string | undefined;
  /** Time of the event. Default: now. */
  readonly timestamp?: Date | string | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
}

/** Converts an input to the event that is delivered. `undefined`: it has no name. Pure: the caller passes `id` and `now`. */
export function toTrackedEvent(input: TrackInput, id: string, now: Date): TrackedEvent | undefined {
  if (typeof input?.event !== 'string' || input.event === '') return undefined;
  const userId = idText(input.userId);
  const threadId = idText(input.threadId);
  return {
    id,
    event: wellFormed(input.event),
    userId: userId === undefined ? ANONYMOUS : wellFormed(userId),
    ...(threadId !== undefined && { threadId: wellFormed(threadId) }),
    timestamp: toIso(input.timestamp) ?? now.toISOString(),
    properties: toProperties(input.properties ?? {}),
  };
}
