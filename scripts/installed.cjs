// Loaded before anything that needs `npm ci`: if part of that was skipped, one line says what to do.
const { existsSync } = require('node:fs')
const { join } = require('node:path')
const { devDependencies } = require('../package.json')

const folder = join(__dirname, '../node_modules')
const neededNode = Number(/\d+/.exec(devDependencies.node)[0])
const missing = Object.keys(devDependencies).filter((name) => !existsSync(join(folder, name, 'package.json')))

if (missing.length > 0) {
  const named = missing.slice(0, 3).join(', ') + (missing.length > 3 ? ` and ${missing.length - 3} more` : '')
  giveUp(`not installed: ${named}. Run \`npm ci --include=dev\`.`)
}
if (Number(process.versions.node.split('.')[0]) < neededNode) {
  const advice = existsSync(join(folder, 'node/bin/node'))
    ? 'Run it by npm, which uses the one that `npm ci` installed.'
    : 'Run `npm rebuild node --ignore-scripts=false`: `npm ci` was not allowed to install one.'
  giveUp(`Node.js ${neededNode} or newer is needed, and this is ${process.version}. ${advice}`)
}

function giveUp(line) {
  console.error(`tandem: ${line}`)
  process.exit(1)
}
