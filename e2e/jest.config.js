module.exports = {
  ...require('../jest.preset.js'),
  globalSetup: '<rootDir>/support/set-up.ts',
  globalTeardown: '<rootDir>/support/tear-down.ts',
  maxWorkers: 1, // one engine, one stack
  testTimeout: 120_000,
}
