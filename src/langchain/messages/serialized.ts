import { asArray, asRecord, asStrings, type UnknownRecord } from '../../common/unknown-values.js';

/** Returns the arguments of the constructor in LangChain's JSON of an object: `{ lc: 1, id: […], kwargs: {…} }`. */
export function kwargsOf(serialized: unknown): UnknownRecord {
  return asRecord(asRecord(serialized)['kwargs']);
}

/** Returns package and class in LangChain's JSON of an object, for instance `["langchain", "chat_models", "openai", "ChatOpenAI"]`. */
export function classPathOf(serialized: unknown): readonly unknown[] {
  return asArray(asRecord(serialized)['id']);
}

/** Returns the class in LangChain's JSON of an object, for instance "ChatOpenAI". */
export function classNameOf(serialized: unknown): string | undefined {
  return asStrings(asRecord(serialized)['id']).at(-1);
}
