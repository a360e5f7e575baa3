import { asText, codeOf, lookUp } from '../../common/unknown-values.js';
import type { StoreOutage } from '../model/intake/intake-status.js';

const REASONS: Readonly<Record<string, string | undefined>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'no permission to write',
  EPERM: 'no permission to write',
  EROFS: 'the file system is read-only',
  EIO: 'the disk has an error',
  ENOENT: 'the file or its folder is gone',
  EBADF: 'the file is closed',
  EMFILE: 'too many files are open',
  ECONNREFUSED: 'the database cannot be reached',
  ECONNRESET: 'the database has closed the connection',
  UND_ERR_SOCKET: 'the database has closed the connection',
  ENOTFOUND: 'the name of the database is not known',
  EAI_AGAIN: 'the name of the database is not known',
  EHOSTUNREACH: 'the database cannot be reached',
  ETIMEDOUT: 'the database does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'the database does not answer',
};

/** Knows whether the store works, from the writes that fail and succeed. Tells each change once. */
export class StoreHealth {
  readonly #onChange: (outage: StoreOutage | undefined) => void;
  #outage: StoreOutage | undefined;

  /** `onChange` is called with the outage when it begins, and with `undefined` when the store works again. */
  constructor(onChange: (outage: StoreOutage | undefined) => void) {
    this.#onChange = onChange;
  }

  get outage(): StoreOutage | undefined {
    return this.#outage;
  }

  /** Runs a write and takes note of how it ends. */
  async watch<T>(write: () => Promise<T>): Promise<T> {
    try {
      const result = await write();
      if (this.#outage) this.#change(undefined);
      return result;
    } catch (error) {
      this.#outage ??= this.#change({ since: new Date().toISOString(), reason: reasonOf(error) });
      throw error;
    }
  }

  #change(outage: StoreOutage | undefined): StoreOutage | undefined {
    this.#outage = outage;
    this.#onChange(outage);
    return outage;
  }
}

/** Returns why a store cannot be used at the moment; undefined if the error is another one. */
export function outageReasonOf(error: unknown): string | undefined {
  return lookUp(REASONS, systemCodeOf(error) ?? '') === undefined ? undefined : reasonOf(error);
}

/** Returns why the store failed, by the code of the error or of what caused it. Nothing else of it: a message may name a path or hold content. */
export function reasonOf(error: unknown): string {
  const code = systemCodeOf(error);
  if (code === undefined) return error instanceof Error ? error.name : 'unknown';
  const reason = REASONS[code];
  return reason === undefined ? code : `${reason} (${code})`;
}

/** `fetch` wraps what went wrong in a TypeError, and an engine wraps that. */
function systemCodeOf(error: unknown, depth = 0): string | undefined {
  const code = asText(codeOf(error));
  if (code !== undefined || !(error instanceof Error) || depth >= 5) return code;
  // AbortSignal.timeout() has a number as its code.
  return error.name === 'TimeoutError' ? 'ETIMEDOUT' : systemCodeOf(error.cause, depth + 1);
}
