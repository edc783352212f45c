module.exports = {
  ...require('../../jest.preset.js'),
  setupFilesAfterEnv: [], // the time limit that it sets is not for tests of containers
  // They take long, or are for what changes rarely.
  testPathIgnorePatterns: process.env.NIGHTLY === undefined ? ['/nightly/', '/(operating|stop-and-start)\\.test'] : [],
  globalSetup: '<rootDir>/support/set-up.ts',
  globalTeardown: '<rootDir>/support/tear-down.ts',
  maxWorkers: 1, // one engine, one stack
  testTimeout: 120_000,
}
