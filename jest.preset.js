require('./scripts/installed.cjs')

// What the Jest configurations of all packages share. ts-jest only transpiles here (`isolatedModules`): types are
// checked by `npm run typecheck`.
module.exports = {
  testEnvironment: 'node',
  // The chassis from its sources, as in tsconfig.json.
  testEnvironmentOptions: { customExportConditions: ['development', 'node', 'node-addons'] },
  setupFilesAfterEnv: [`${__dirname}/jest.setup.js`],
  testMatch: ['<rootDir>/**/*.test.ts'],
  // These need a PostgreSQL server: see `npm run test:postgres`.
  testPathIgnorePatterns: process.env.TEST_DATABASE_URL === undefined ? ['\\.postgres\\.test\\.ts$'] : [],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: {
    '\\.ts$': ['ts-jest', { tsconfig: `${__dirname}/tsconfig.json`, diagnostics: false }],
    '\\.js$': ['ts-jest', { tsconfig: { allowJs: true, module: 'commonjs', target: 'es2024' }, diagnostics: false }],
  },
  // These are ECMAScript modules only, or load some by import(), which Jest cannot do as Node does.
  transformIgnorePatterns: ['/node_modules/(?!(jose|uuid|@opentelemetry/otlp-exporter-base)/)'],
}
