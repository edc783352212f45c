module.exports = { ...require('../jest.preset.js'), displayName: 'user-service', roots: ['<rootDir>/tests'] }
