module.exports = { ...require('../../jest.preset.js'), displayName: 'order-totals', roots: ['<rootDir>/tests'] }
