import { hasMethod } from '../common/unknown-values.js';
import { defineOptions, describe, notAccepted, type OptionTable } from '../common/options/define-options.js';
import { callback, texts } from '../common/options/option-kinds.js';
import { reportFailure } from '../common/guard.js';
import { readFeedback } from './feedback-body.js';
import { RateLimit } from './rate-limit.js';
import { readLimited } from './read-limited.js';
import type { FeedbackInput } from '../records/feedback/to-feedback-event.js';

/** Receives the feedback. `TrubricsSpanProcessor`, `TrubricsClient` and the handler of `./standalone` fit. */
export interface FeedbackTarget {
  trackFeedback(feedback: FeedbackInput): void;
}

/** Options of {@link createFeedbackHandler}. All are optional. */
export interface FeedbackHandlerOptions {
  /**
   * Returns the user of a request, from its session or token; `undefined` refuses the request with 401. Default: anybody may send
   * feedback for the user that the body names, which is safe only on a laptop or behind a gateway that authenticates.
   */
  readonly identify?: ((request: Request) => string | undefined | Promise<string | undefined>) | undefined;
  /** Origins whose pages may send feedback (CORS); `"*"` for all. Default: the same origin alone. */
  readonly allowOrigins?: readonly string[] | '*' | undefined;
  /** Requests of one caller in a minute. Callers are identified by `identify`, else by the `Authorization` header. Default: 30. */
  readonly perMinute?: number | undefined;
  /** Limit of a body in bytes. Default: 16,384. */
  readonly maxBytes?: number | undefined;
}

const atLeastOne = {
  accepts: 'a number from 1 on',
  check: (value: unknown) => typeof value === 'number' && value >= 1,
} as const;

const OPTIONS = {
  identify: callback,
  allowOrigins: {
    default: [],
    accepts: 'an array of origins, or "*"',
    check: (value: unknown) => value === '*' || texts.check(value),
  },
  perMinute: { default: 30, ...atLeastOne },
  maxBytes: { default: 16_384, ...atLeastOne },
} as const satisfies OptionTable<FeedbackHandlerOptions>;

const resolveOptions = defineOptions<FeedbackHandlerOptions, typeof OPTIONS>(OPTIONS);

/**
 * Returns a Web-standard request handler that receives feedback from a chat page as JSON, checks it, and tracks it. It fits Next.js
 * route handlers, Hono, Bun, Deno and Workers.
 *
 * ```ts
 * export const POST = createFeedbackHandler(processor, { identify: async () => (await auth())?.user.id });
 * // fetch('/api/feedback', { method: 'POST', headers: { 'content-type': 'application/json' },
 * //   body: JSON.stringify({ recordId, score: '👍', comment }) })
 * ```
 *
 * The answer is named by `recordId`, by `runId` of a LangChain run of this process, or by `threadId` for a whole conversation. Feedback
 * on a run that is still going on is sent when its record is made.
 *
 * It responds with 202, or with 400, 401, 405, 413, 415, 429 or 500 and `{ "error": … }`. It never rejects.
 *
 * @throws TypeError if the target or an option is wrong.
 */
export function createFeedbackHandler(
  target: FeedbackTarget,
  options: FeedbackHandlerOptions = {},
): (request: Request) => Promise<Response> {
  if (!hasMethod(target, 'trackFeedback')) {
    const what = 'The first argument of createFeedbackHandler';
    throw notAccepted(what, 'a TrubricsSpanProcessor or TrubricsClient', describe(target));
  }
  const { identify, allowOrigins, perMinute, maxBytes } = resolveOptions(options);
  const limit = new RateLimit(perMinute);

  const respond = async (request: Request): Promise<Response> => {
    if (request.method === 'OPTIONS') return new Response(null, { status: 204 });
    if (request.method !== 'POST') return refuse(405, 'Send feedback with POST.', { allow: 'POST, OPTIONS' });
    const userId = identify ? await identify(request) : undefined;
    if (identify && !userId) return refuse(401, 'Who are you?');
    const waitS = limit.take(userId ?? request.headers.get('authorization') ?? '');
    if (waitS > 0) return refuse(429, 'Too much feedback at once.', { 'retry-after': String(waitS) });
    // For this type browsers send a preflight request to another origin, so that no foreign page can send it with a form.
    if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
      return refuse(415, 'Send JSON, as content-type: application/json.');
    const body = await readLimited(request, maxBytes);
    if (body === undefined) return refuse(413, `Send at most ${maxBytes} bytes.`);
    const read = readFeedback(body);
    if ('error' in read) return refuse(400, read.error);
    target.trackFeedback(userId === undefined ? read.feedback : { ...read.feedback, userId });
    return Response.json({ accepted: true }, { status: 202 });
  };

  return async (request) => {
    const response = await respond(request).catch((error: unknown) => {
      reportFailure('feedbackHandler', error);
      return refuse(500, 'The feedback could not be taken.');
    });
    for (const [name, value] of corsHeaders(request, allowOrigins)) response.headers.set(name, value);
    return response;
  };
}

function refuse(status: number, error: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error }, { status, headers });
}

function corsHeaders(
  request: Request,
  allowOrigins: readonly string[] | '*',
): readonly (readonly [string, string])[] {
  const origin = request.headers.get('origin');
  if (origin === null) return [];
  const vary = ['vary', 'origin'] as const;
  if (allowOrigins !== '*' && !allowOrigins.includes(origin)) return [vary];
  return [
    vary,
    ['access-control-allow-origin', origin],
    ['access-control-allow-methods', 'POST'],
    ['access-control-allow-headers', 'content-type, authorization'],
    ['access-control-max-age', '600'],
  ];
}
