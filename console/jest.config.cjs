module.exports = { ...require('../jest.preset.js'), displayName: 'console', roots: ['<rootDir>/tests'] }
