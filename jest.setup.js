// For a busy machine; no test measures time by it. `testTimeout` is not an option of a project's configuration.
jest.setTimeout(20_000)
