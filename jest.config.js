module.exports = {
  maxWorkers: '100%',
  projects: [
    '<rootDir>/chassis',
    '<rootDir>/user-service',
    '<rootDir>/order-service',
    '<rootDir>/reliability',
    '<rootDir>/examples/order-totals',
  ],
}
