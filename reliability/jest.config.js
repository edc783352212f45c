module.exports = { ...require('../jest.preset.js'), displayName: 'reliability', roots: ['<rootDir>/tests'] }
