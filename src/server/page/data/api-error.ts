import { UNREACHABLE } from '../live/event-stream.js';

/** A request to the server that failed. Its message is a sentence for the reader of the page. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Status of the response; undefined without one. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Returns what a failed request says. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
  return new ApiError(isTimeout ? 'The server has not answered for 30 seconds.' : UNREACHABLE);
}
