import type { IdentityFunction, TrubricsOptions } from '../config/options.js';
import type { TrubricsCallbackHandlerOptions } from '../langchain/options/handler-options.js';

/**
 * Options of {@link trubricsHandler}: those of `TrubricsCallbackHandler` and those of `TrubricsSpanProcessor`.
 *
 * Any other name becomes metadata of every call, and so a property of every record, as in the Python handler of the Trubrics guide.
 */
export interface TrubricsHandlerOptions
  extends
    Omit<TrubricsCallbackHandlerOptions, 'userId' | 'threadId'>,
    Omit<TrubricsOptions, 'userId' | 'threadId' | 'tags'> {
  /** The user of every call that does not name one in its metadata, or a function of the call and its span. */
  readonly userId?: string | IdentityFunction | undefined;
  /** The conversation of every call that does not name one in its metadata, or a function of the call and its span. */
  readonly threadId?: string | IdentityFunction | undefined;
  /** The spelling of the Python guide for `userId`. */
  readonly user_id?: string | undefined;
  /** The spelling of the Python guide for `threadId`. */
  readonly session_id?: string | undefined;
  /** Flushes when the process ends by itself or by SIGTERM or SIGINT. Default `true`. Environment: `TRUBRICS_FLUSH_ON_EXIT`. */
  readonly flushOnExit?: boolean | undefined;
  /** Metadata of every call. */
  readonly [metadata: string]: unknown;
}
