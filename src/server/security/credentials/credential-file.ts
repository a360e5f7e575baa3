import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { asText, codeOf } from '../../../common/unknown-values.js';
import { CredentialsError, type Credentials } from './credentials.js';
import { parseCredentialsFile } from './parse-file.js';

/**
 * Interval of looks at the file. It is read, not watched: a mounted Kubernetes secret is a link that is exchanged, of which `fs.watch` does
 * not tell.
 */
const POLL_MS = 2000;

export interface CredentialFileListener {
  /** The file has changed. */
  readonly onChange: (credentials: Credentials) => void;
  /** The file has changed, and cannot be used. What was read before stays valid. Called once per change. */
  readonly onProblem: (problem: string) => void;
}

/** A file of keys, tokens and users, which is read again when it changes. */
export class CredentialFile {
  readonly #path: string;
  /** Last text that was read, or the problem with reading it. */
  #last = '';
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws CredentialsError */
  read(): Credentials {
    try {
      this.#last = readFileSync(this.#path, 'utf8');
    } catch (error) {
      throw new CredentialsError(`The file ${this.#path}: it cannot be read (${reasonOf(error)})`);
    }
    return this.#parse(this.#last);
  }

  watch(listener: CredentialFileListener): void {
    this.#timer ??= setInterval(() => void this.check(listener), POLL_MS).unref();
  }

  /** Looks at the file once. */
  async check({ onChange, onProblem }: CredentialFileListener): Promise<void> {
    const problemOf = (error: unknown): string =>
      error instanceof CredentialsError
        ? error.message
        : `The file ${this.#path}: it cannot be read (${reasonOf(error)})`;
    let credentials: Credentials;
    try {
      const text = await readFile(this.#path, 'utf8');
      if (text === this.#last) return;
      this.#last = text;
      credentials = this.#parse(text);
    } catch (error) {
      const problem = problemOf(error);
      if (error instanceof CredentialsError || problem !== this.#last) onProblem(problem);
      if (!(error instanceof CredentialsError)) this.#last = problem;
      return;
    }
    onChange(credentials);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #parse(text: string): Credentials {
    try {
      return parseCredentialsFile(text);
    } catch (error) {
      if (!(error instanceof CredentialsError)) throw error;
      throw new CredentialsError(`The file ${this.#path}: ${error.message}`);
    }
  }
}

function reasonOf(error: unknown): string {
  return asText(codeOf(error)) ?? 'unknown';
}
