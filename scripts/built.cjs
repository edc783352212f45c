// Loaded before anything in `dist`. With ignore-scripts npm skips `prestart`, and an old build would run.
const { spawnSync } = require('node:child_process')
require('./installed.cjs')

// What it prints goes to stderr: a back-up is written to stdout.
const { status } = spawnSync('npm run --silent build', { shell: true, stdio: ['ignore', process.stderr, 'inherit'] })
if (status !== 0) {
  console.error('tandem: `npm run build` failed')
  process.exit(1)
}
