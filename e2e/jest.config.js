module.exports = {
  ...require('../jest.preset.js'),
  globalSetup: '<rootDir>/require-docker.js',
  maxWorkers: 1, // one engine, one stack
  testTimeout: 300_000,
}
