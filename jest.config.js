module.exports = { projects: ['<rootDir>/chassis', '<rootDir>/user-service', '<rootDir>/order-service'] }
