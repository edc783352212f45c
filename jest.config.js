const { availableParallelism } = require('node:os')
const { workspaces } = require('./package.json')

module.exports = {
  maxWorkers: Math.ceil(availableParallelism() * 1.5), // many tests wait for a process or a timer
  projects: [...workspaces, 'reliability', 'scripts'].map((folder) => `<rootDir>/${folder}`),
}
