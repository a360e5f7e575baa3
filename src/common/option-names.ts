/**
 * Refuses what is no options object, and a misspelt option, which would otherwise be passed over in silence. Keys of `known` are
 * the names that there are. `within` is the option that these are options of, with a dot.
 *
 * @throws TypeError that names the option and lists what there is.
 */
export function checkOptionNames(
  options: unknown,
  known: Readonly<Record<string, unknown>>,
  within = '',
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    // Not what was given: some clients take the key itself as their argument, and so may whoever tries this one.
    const what = within === '' ? 'The options' : `Option "${within.slice(0, -1)}"`;
    throw new TypeError(`${what} must be an object, not ${kindOf(options)}.`);
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const names = Object.keys(known).join(', ');
  throw new TypeError(`There is no option "${within}${unknown}". Options are: ${names}.`);
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
