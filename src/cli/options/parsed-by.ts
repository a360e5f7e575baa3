import { CommandError } from '../command-error.js';
import { firstSentence } from '../first-sentence.js';

/** Runs `parseArgs`. @throws CommandError with the first sentence of Node's message: the rest is advice about `parseArgs`. */
export function parsedBy<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new CommandError(`${firstSentence(error)}. --help lists the options`, 2);
  }
}
