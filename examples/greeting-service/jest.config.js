module.exports = { ...require('../../jest.preset.js'), displayName: 'greeting-service', roots: ['<rootDir>/tests'] }
