/** Returns the records that an example prints, as JSON, at its end. */
export function printedRecords(stdout: string): Record<string, unknown>[] {
  return JSON.parse(stdout.slice(stdout.search(/^\[\n {2}\{/m))) as Record<string, unknown>[];
}
