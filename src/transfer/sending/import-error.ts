/** The target does not take the import: nothing that is sent later will be taken either. */
export class ImportRefusedError extends Error {
  override readonly name = 'ImportRefusedError';
}

/** The target could not be reached for too long. The import can be continued. */
export class ImportInterruptedError extends Error {
  override readonly name = 'ImportInterruptedError';
}
