/** Returns the first sentence of an error's message, without the stop. */
export function firstSentence(error: unknown): string | undefined {
  return error instanceof Error ? error.message.split(/\.\s|\n/)[0]?.replace(/\.$/, '') : undefined;
}
