const { workspaces } = require('./package.json')

module.exports = {
  maxWorkers: '100%',
  projects: [...workspaces, 'reliability', 'scripts'].map((folder) => `<rootDir>/${folder}`),
}
