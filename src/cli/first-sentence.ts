/** Returns the message of an error in two parts: its first sentence, without the stop, and the rest, which says what to do. */
export function messageParts(error: Error): readonly [sentence: string, advice: string | undefined] {
  const sentence = firstSentence(error) ?? '';
  return [sentence, error.message.slice(sentence.length).replace(/^\.?\s*/, '') || undefined];
}

/** Returns the first sentence of an error's message, without the stop. */
export function firstSentence(error: unknown): string | undefined {
  return error instanceof Error ? error.message.split(/\.\s|\n/)[0]?.replace(/\.$/, '') : undefined;
}
