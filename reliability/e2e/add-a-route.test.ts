import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandsOf, documentText, filesOf } from '../harness/commands'
import { copyRepository, npmEnvironment, NpmStart } from '../harness/npm-start'
import { root } from '../harness/stack'
import { runInBash } from '../harness/run-in-bash'
import { runCommands } from './support/run-commands'

const page = 'docs/add-a-route.md'

test('the route that the docs add passes its test, and responds', async () => {
  const repository = copyRepository()
  const { folder } = repository
  try {
    for (const name of ['jest.preset.js', 'jest.setup.js']) cpSync(join(root, name), join(folder, name))
    for (const [path, text] of filesOf(page)) writeFileSync(join(folder, path), text)
    const [, list = '', diff = ''] = /^In `(\S+)`, two lines:\n\n```diff\n(.*?)^```$/ms.exec(documentText(page)) ?? []
    writeFileSync(join(folder, list), withLines(readFileSync(join(folder, list), 'utf8'), diff))

    const [test, ...others] = commandsOf(page, 'add-a-route')
    await runInBash(test!.script, { cwd: folder, env: npmEnvironment })
    const npm = new NpmStart(folder)
    try {
      await npm.prints('ready: ')
      await runCommands(others, { cwd: folder, env: npmEnvironment })
    } finally {
      await npm.interrupt()
    }
  } finally {
    repository.remove()
  }
})

/** Applies a diff whose lines stand in the order of the text. */
function withLines(text: string, diff: string): string {
  const lines = text.split('\n')
  let at = -1
  for (const line of diff.split('\n').filter((it) => it !== '')) {
    if (line.startsWith('+')) {
      lines.splice(at + 1, 0, line.slice(1))
      at += 1
    } else {
      at = lines.indexOf(line.slice(1), at + 1)
      if (at === -1) throw new Error(`there is no line ${line}`)
      if (line.startsWith('-')) lines.splice(at--, 1)
    }
  }
  return lines.join('\n')
}
