import { asRecord, asText, codeOf } from '../common/unknown-values.js';

/** Requests of a reader to the JSON API of a server, and what to do about answers that are no success. */

export function readerHeaders(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Returns why a request had no answer, such as `ECONNREFUSED`. */
export function connectionFailure(error: unknown): string {
  return asText(codeOf(asRecord(error)['cause'])) ?? 'connection broken';
}

/** Returns whether the same request may succeed later. */
export function isTemporary(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Returns what the server says about a request that it refuses; undefined if it says nothing, as another program does. */
export async function detailOf(response: Response): Promise<string | undefined> {
  return asText(asRecord(await response.json().catch(() => undefined))['detail']);
}

/** Returns the line about a request that is refused: what the server says, else what to do. */
export function refusalText(server: string, status: number, detail: string | undefined): string {
  const needsToken = status === 401 || (status === 403 && detail === undefined);
  const advice = needsToken ? 'set TRUBRICS_TOKEN' : (detail ?? 'is it a server of this package?');
  return `${server} answers ${status}: ${advice}`;
}
