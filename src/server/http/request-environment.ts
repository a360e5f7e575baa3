/** Facts that the HTTP server knows of a request besides the request itself. */
export interface RequestEnvironment {
  /** Address of the other end of the connection. */
  readonly address?: string | undefined;
  /** Called with the number of records of the request that were stored. */
  readonly onAccepted?: (records: number) => void;
}
