module.exports = {
  testMatch: ['**/*.jest.{cjs,mjs}'],
  moduleFileExtensions: ['js', 'cjs', 'mjs', 'json'],
  transform: {},
  testTimeout: 60_000,
  watchman: false,
};
