/** Somebody who may read. */
export interface Reader {
  /** Authentication of the reader: by a token, by a proxy that has checked who it is, or without a check. */
  readonly access: 'token' | 'proxy' | 'open';
  /** Name of the token, or of the user that the proxy has named. Goes into the audit log. */
  readonly name?: string;
  /** Projects that may be read; `all` includes later ones. */
  readonly projects: readonly string[] | 'all';
  /** False for those who may read numbers alone, and no texts of people. */
  readonly mayReadTexts: boolean;
  readonly mayDelete: boolean;
  /** True for those who may change documents: saved views, rules, notes and so on. */
  readonly mayEdit: boolean;
}
