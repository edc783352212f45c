const { spawnSync } = require('node:child_process')

module.exports = function requireDocker() {
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0) return
  console.error('e2e: these tests need a running Docker engine with Compose, and `docker info` does not answer')
  process.exit(1) // an exception would be shown with its stack
}
