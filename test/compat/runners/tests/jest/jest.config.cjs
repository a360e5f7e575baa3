module.exports = {
  testMatch: ['**/*.jest.{cjs,mjs}'],
  moduleFileExtensions: ['js', 'cjs', 'mjs', 'json'],
  transform: {},
  watchman: false,
};
