module.exports = { ...require('../jest.preset.js'), displayName: 'scripts', roots: ['<rootDir>/tests'] }
