import type { MatrixCase } from './cases.mjs';

/** Returns the pinned version of the package that a case is about; `undefined` if it is about none. */
export function pinnedVersion(one: MatrixCase): string | undefined;
