/**
 * Options of every public function and class are checked here, by a table with one row for each option.
 *
 * `defineOptions(table)` returns a function that refuses unknown names, checks values, and fills in environment variables and
 * defaults. An option given in code wins over the environment, and the environment over the default. All messages have one form:
 *
 *     Option "flushAt" must be a whole number above 0, not "many". Leave it out for the default, 20.
 *     Environment variable TRUBRICS_FLUSH_AT must be a whole number above 0, not "many". Unset it for the default, 20.
 *     Option "dir" is missing. It must be the path of a directory, for instance "spool".
 *     There is no option "flush_at"; did you mean "flushAt"? Options are: flushAt, flushIntervalMs, …
 */
import { isRecord, kindOf } from '../unknown-values.js';
import { environmentVariable, type Environment } from './environment.js';

/** One row of an option table. */
export interface OptionSpec<V = unknown> {
  /** Description of the accepted values, for messages and `docs/options.md`. Completes "must be …". */
  readonly accepts: string;
  /** Returns true if a value from code, or a parsed one from the environment, is accepted. Never called with `undefined`. */
  readonly check: (value: unknown) => boolean;
  readonly default?: V;
  /**
   * An option that is not given is an error, which this function returns: `missingOption`. In the table and not in `defineOptions`, because
   * the bundle of `./langchain` does without.
   */
  readonly required?: (path: string, spec: OptionSpec, variable: string | undefined) => TypeError;
  /** Environment variable, read when the option is not given in code, or the function that makes its name from that of the option. */
  readonly env?: string | ((option: string) => string);
  /** Converts the text of the environment variable to a value for `check`. Default: the text is the value. */
  readonly parse?: (text: string) => unknown;
  /** Messages never repeat the value. */
  readonly secret?: true;
  /** A sentence that says what to do when the option is wrong or missing. Default: to leave it out, if there is a default. */
  readonly advice?: string;
  /** Names that other libraries give the option. A message for one of them names this option. */
  readonly synonyms?: readonly string[];
}

/** A row for each option of `T`. A missing row does not compile, nor does a default of another type. */
export type OptionTable<T> = { readonly [K in keyof T]-?: OptionSpec<Exclude<T[K], undefined>> };

/** `T`, with `undefined` for what is not given: `{ apiKey: process.env.KEY }` compiles under `exactOptionalPropertyTypes`. */
export type OrUndefined<T> = { [K in keyof T]: T[K] | undefined };

/** `T`, in which every option that is required or has a default is present, and an option that is present has a value. */
export type Resolved<T, Table> = Given<T> & Required<Pick<Given<T>, keyof T & AlwaysPresent<Table>>>;

/** `T` without options that are given as `undefined`. */
export type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

type AlwaysPresent<Table> = {
  [K in keyof Table]: Table[K] extends { readonly default: unknown } | { readonly required: unknown }
    ? K
    : never;
}[keyof Table];

/**
 * Returns the function that checks and completes the options of `table`. It has no property for an option that is not given and
 * has no default. `within` is the option that contains these options, if they are nested.
 *
 * The returned function throws a TypeError that names the option, what was given, what is accepted, and what to do.
 */
export function defineOptions<T extends object, Table extends OptionTable<T>>(
  table: Table,
  within?: string,
): (options: OrUndefined<T>, environment?: Environment) => Resolved<T, Table> {
  const rows = Object.entries<OptionSpec>(table);
  return (options, environment) => {
    checkNames(options, table, within);
    const resolved: Record<string, unknown> = {};
    for (const [name, spec] of rows) {
      const path = pathOf(name, within);
      const value = resolveOption(path, spec, (options as Record<string, unknown>)[name], environment);
      if (value !== undefined) resolved[name] = value;
    }
    return resolved as Resolved<T, Table>;
  };
}

function resolveOption(
  path: string,
  spec: OptionSpec,
  given: unknown,
  environment: Environment | undefined,
): unknown {
  if (given !== undefined) {
    if (spec.check(given)) return given;
    throw notAccepted(`Option "${path}"`, spec.accepts, shown(spec, given), adviceOf(spec, 'Leave it out'));
  }
  const variable = variableOf(path, spec);
  const fromEnvironment = variable && environmentVariable(variable, environment);
  if (fromEnvironment !== undefined) {
    const value = spec.parse ? spec.parse(fromEnvironment) : fromEnvironment;
    if (spec.check(value)) return value;
    const what = `Environment variable ${variable}`;
    throw notAccepted(what, spec.accepts, shown(spec, fromEnvironment), adviceOf(spec, 'Unset it'));
  }
  if (spec.required) throw spec.required(path, spec, variable);
  return spec.default;
}

/** Returns the name of the environment variable of an option; `undefined` if there is none. */
export function variableOf(option: string, { env }: OptionSpec): string | undefined {
  return typeof env === 'function' ? env(option) : env;
}

function adviceOf({ advice, default: fallback }: OptionSpec, how: string): string | undefined {
  if (advice !== undefined || fallback === undefined) return advice;
  return typeof fallback === 'object' ? undefined : `${how} for the default, ${describe(fallback)}.`;
}

/**
 * Returns the error for a value that is not accepted: "`what` must be `accepts`, not `given`. `advice`". `given` is the value as
 * {@link describe} shows it, so that the caller decides whether a secret is repeated.
 */
export function notAccepted(what: string, accepts: string, given: string, advice?: string): TypeError {
  return new TypeError(
    `${what} must be ${accepts}, not ${given}.${advice === undefined ? '' : ` ${advice}`}`,
  );
}

function shown(spec: OptionSpec, value: unknown): string {
  return spec.secret && value !== '' ? `the value given, of type ${typeof value}` : describe(value);
}

/** Shows a value in a message: a string with its first 60 characters, an object by its type alone. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'an empty string' : `"${value.slice(0, 60)}"`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return kindOf(value);
}

/** @throws TypeError if `options` is not an object. `what` names them in the message. */
export function checkIsObject(options: unknown, what = 'The options'): asserts options is object {
  // By its type alone: some clients take the API key as their only argument, and users may try that here.
  if (!isRecord(options)) throw notAccepted(what, 'an object', kindOf(options));
}

function checkNames(
  options: unknown,
  table: Readonly<Record<string, OptionSpec>>,
  within: string | undefined,
): void {
  checkIsObject(options, within === undefined ? undefined : `Option "${within}"`);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(table, name));
  if (unknown === undefined) return;
  let likeness = MIN_LIKENESS;
  let question = '.';
  for (const [name, { synonyms = [] }] of Object.entries(table))
    for (const known of [name, ...synonyms]) {
      const share = commonShare(` ${unknown} `.toLowerCase(), ` ${known} `.toLowerCase());
      if (share > likeness) [likeness, question] = [share, `; did you mean "${name}"?`];
    }
  throw new TypeError(
    `There is no option "${pathOf(unknown, within)}"${question} Options are: ${Object.keys(table).join(', ')}.`,
  );
}

function pathOf(name: string, within: string | undefined): string {
  return within === undefined ? name : `${within}.${name}`;
}

/** Names with a larger share of common letters are alike: "hots" and "host" have two of five pairs. */
const MIN_LIKENESS = 0.39;

/** Returns the share of pairs of neighbouring letters that two names have in common. The spaces around a name are letters. */
function commonShare(a: string, b: string): number {
  let common = 0;
  for (let at = 0; at < a.length - 1; at += 1) if (b.includes(a.slice(at, at + 2))) common += 2;
  return common / (a.length + b.length - 2);
}
