import { ANONYMOUS } from '../model/identity.js';
import { fill } from '../calls/properties.js';
import type { TrackedEvent } from '../model/prompt-record.js';
import { wellFormed } from '../text/well-formed.js';
import { toIso } from '../text/timestamp.js';

/** An event of the application, for instance a sign-up. */
export interface TrackInput {
  /** The event's name. */
  readonly event: string;
  /** Who did it. Default: `"anonymous"`. */
  readonly userId?: string | undefined;
  readonly threadId?: string | undefined;
  /** When it happened. Default: now. */
  readonly timestamp?: Date | string | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
}

/** The event as it is delivered, or `undefined` when it has no name. `now` and `id` are the caller's: this is pure. */
export function toTrackedEvent(input: TrackInput, id: string, now: Date): TrackedEvent | undefined {
  if (typeof input?.event !== 'string' || input.event === '') return undefined;
  const { threadId } = input;
  return {
    id,
    event: wellFormed(input.event),
    userId: typeof input.userId === 'string' && input.userId !== '' ? wellFormed(input.userId) : ANONYMOUS,
    ...(typeof threadId === 'string' && threadId !== '' && { threadId: wellFormed(threadId) }),
    timestamp: toIso(input.timestamp) ?? now.toISOString(),
    properties: fill(input.properties ?? {}),
  };
}
