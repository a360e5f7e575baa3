/** Bytes, and a view of the same bytes, to read and write four of them at once wherever they begin. */
export interface ViewedBytes {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** Bytes that are not set to zero. */
export function allocateViewed(size: number): ViewedBytes {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: new DataView(bytes.buffer) };
}
