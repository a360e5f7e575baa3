/** White space of JavaScript's `\\s`, for RE2, whose own is that of ASCII. */
export const WHITE_SPACE = String.raw`[\s\x0b\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}]+`;
