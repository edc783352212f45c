import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '../../chassis/testing/temporary'
import { run } from './support/command'
import { root } from './support/small-repository'

/** What a command says that needs `npm ci`, in a folder where it installed these files only. */
async function said(
  node: string,
  installed: string[],
  devDependencies: Record<string, string> = { typescript: '^6.0.3', node, jest: '^30.0.0' },
): Promise<{ code: number | null; errors: string }> {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ devDependencies }))
  for (const file of installed) {
    mkdirSync(dirname(join(folder, 'node_modules', file)), { recursive: true })
    writeFileSync(join(folder, 'node_modules', file), '{}')
  }
  cpSync(join(root, 'scripts/installed.cjs'), join(folder, 'scripts/installed.cjs'))
  const command = run(folder, [process.execPath, '-r', './scripts/installed.cjs', '-e', ''])
  return { code: await command.code, errors: command.errors() }
}

const packages = ['typescript/package.json', 'node/package.json', 'jest/package.json']
const tooOld = `tandem: Node.js 99 or newer is needed, and this is ${process.version}. `

describe('A command that needs npm ci', () => {
  it('runs if all was installed', async () => {
    expect(await said('^24.21.0', packages)).toEqual({ code: 0, errors: '' })
  })

  it('says how to install what is missing because NODE_ENV is production', async () => {
    expect(await said('^24.21.0', ['jest/package.json'])).toEqual({
      code: 1,
      errors: 'tandem: not installed: typescript, node. Run `npm ci --include=dev`.\n',
    })
  })

  it('names a few of the many that are missing in one line', async () => {
    const devDependencies = { ajv: '1', jest: '1', prettier: '1', node: '^24.0.0', typescript: '^6.0.0' }
    expect(await said('^24.21.0', [], devDependencies)).toEqual({
      code: 1,
      errors: 'tandem: not installed: ajv, jest, prettier and 2 more. Run `npm ci --include=dev`.\n',
    })
  })

  it('says how to install Node.js if npm was not allowed to run the script that does', async () => {
    expect(await said('^99.0.0', packages)).toEqual({
      code: 1,
      errors: `${tooOld}Run \`npm rebuild node --ignore-scripts=false\`: \`npm ci\` was not allowed to install one.\n`,
    })
  })

  it('says that npm runs it with another Node.js if that is there', async () => {
    expect(await said('^99.0.0', [...packages, 'node/bin/node'])).toEqual({
      code: 1,
      errors: `${tooOld}Run it by npm, which uses the one that \`npm ci\` installed.\n`,
    })
  })
})

describe('The scripts of the package.json files', () => {
  it('check what is installed before they run or build TypeScript, and need no `pre` script, which npm may leave out', () => {
    const folders = ['.', 'chassis', 'user-service', 'order-service', 'examples/order-totals']
    const scripts = folders.flatMap((folder) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      return Object.entries<string>(manifest.scripts)
    })
    expect(scripts.filter(([name]) => name.startsWith('pre'))).toEqual([])
    const unchecked = scripts.filter(
      ([, script]) => /tsc -b|ts-node|dist\/|on-data|measure/.test(script) && !/(installed|built)\.cjs/.test(script),
    )
    expect(unchecked).toEqual([])
  })
})
