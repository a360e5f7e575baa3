import type { Dialect } from './dialect.js';
import { genAiDialect } from './gen-ai.js';

/**
 * All dialects, in the order in which they are tried: the first that recognises a span decides. Vendor dialects stand before
 * the general one, because rewriters put `gen_ai.*` names onto spans of other libraries.
 */
export const DIALECTS: readonly Dialect[] = [genAiDialect];
