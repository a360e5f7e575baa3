import { parseSync } from 'rolldown/utils';

/** Returns a problem for each fault that leaves no program: its tests would fail whatever they assert. */
export function findSyntaxErrors(faults) {
  return faults.flatMap(({ file, find, replacement, mutated }) => {
    const [error] = parseSync(file, mutated).errors;
    return error ? [`${file}: "${find}" → "${replacement}" is a syntax error: ${error.message}`] : [];
  });
}
