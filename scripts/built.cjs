// Loaded before what runs from `dist`. Not npm's `prestart`: with ignore-scripts it is left out, and an old build runs.
const { spawnSync } = require('node:child_process')
require('./installed.cjs')

// What it prints goes to stderr: a back-up is written to stdout.
const { status } = spawnSync('npm run --silent build', { shell: true, stdio: ['ignore', process.stderr, 'inherit'] })
if (status !== 0) {
  console.error('tandem: `npm run build` failed')
  process.exit(1)
}
