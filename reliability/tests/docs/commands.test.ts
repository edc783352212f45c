import { guards } from '../../simulation/guards'
import { commandsOf, documentText } from '../../harness/commands'
import { blocksOf, documents, filesIn } from './documents'

const regionsOf = (document: string) =>
  [...documentText(document).matchAll(/^<!-- commands: (.*?) -->$/gm)].map(([, region]) => region!)

test.each(documents.filter((document) => document !== 'README.zh-CN.md'))(
  '%s has no command block that no e2e test runs',
  (document) => {
    const e2e = filesIn('reliability/e2e').map(documentText).join('')
    const regions = regionsOf(document)
    const needed = regions.length === 0 ? [] : [document, ...regions]
    expect(needed.filter((name) => !e2e.includes(`'${name}'`))).toEqual([])

    const run = regions.flatMap((region) => [
      ...commandsOf(document, region).map(({ script }) => script),
      ...commandsOf(document, region, 'npm-start').map(({ script }) => script),
    ])
    expect(blocksOf(document, 'sh').filter((block) => !run.includes(block))).toEqual([])
  },
)

test.each(documents)('%s names only npm scripts, faults and guards that exist', (document) => {
  const text = documentText(document)
  const { scripts } = JSON.parse(documentText('package.json')) as { scripts: Record<string, string> }
  const named = [...text.matchAll(/npm (?:run (?:--silent )?|(?=start|test))([a-z][a-z0-9:-]*[a-z0-9])/g)].map(
    ([, name]) => name!,
  )
  expect(named.filter((name) => !(name in scripts))).toEqual([])

  const sources = filesIn('reliability/faults').map(documentText).join('')
  const faults = [...text.matchAll(/npm run faults -- ([a-z -]+)/g)].flatMap(([, words]) => words!.trim().split(' '))
  expect(faults.filter((word) => !word.startsWith('--') && !sources.includes(`name: '${word}'`))).toEqual([])

  const without = [...text.matchAll(/--without ([a-z-]+)/g)].map(([, guard]) => guard!)
  expect(without.filter((guard) => guard !== 'all' && !(guard in guards))).toEqual([])
})

test('docs/reliability.md names the guards of the simulation', () => {
  for (const guard of Object.keys(guards)) expect(documentText('docs/reliability.md')).toContain(`\`${guard}\``)
})

test.each(documents)('%s selects only tests that exist by a part of their path', (document) => {
  const tests = ['chassis', 'user-service', 'order-service', 'reliability'].flatMap((folder) =>
    filesIn(`${folder}/tests`),
  )
  const parts = [...documentText(document).matchAll(/npm test -- ([\w/]+)/g)].map(([, part]) => part!)
  expect(parts.filter((part) => !tests.some((file) => file.includes(part)))).toEqual([])
})
