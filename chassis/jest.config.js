module.exports = { ...require('../jest.preset.js'), displayName: 'chassis', roots: ['<rootDir>/tests'] }
