import { documentText } from '../../harness/commands'
import { blocksOf, linksOf, proseOf } from './documents'

test.each(['README.md', 'README.zh-CN.md'])('%s has at most 200 lines, of at most 120 characters', (file) => {
  const lines = documentText(file).trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(200)
  expect(lines.filter((line) => line.length > 120)).toEqual([])
})

test('README.md has about 900 words, without code and link targets', () => {
  const text = proseOf('README.md')
    .replace(/^\[.*\]: .*$/gm, '')
    .replace(/\]\([^)]+\)/g, ']')
    .replace(/<!--.*?-->/gs, '')
  const words = text.split(/\s+/).filter((word) => /\p{L}|\p{N}/u.test(word))
  expect(words.length).toBeGreaterThan(600)
  expect(words.length).toBeLessThan(1000)
})

test('README.zh-CN.md has the commands, the drawings and the links of README.md', () => {
  expect(blocksOf('README.zh-CN.md', 'sh')).toEqual(blocksOf('README.md', 'sh'))
  expect(blocksOf('README.zh-CN.md', 'mermaid')).toHaveLength(blocksOf('README.md', 'mermaid').length)
  expect(commandsIn('README.zh-CN.md')).toEqual(commandsIn('README.md'))
  const targets = (file: string) =>
    new Set(linksOf(file).map((target) => target.replace(/#.*/, '').replace(/\.zh-CN|zh-CN\//, '')))
  expect(targets('README.zh-CN.md')).toEqual(targets('README.md'))
})

/** The commands inside sentences and tables. */
function commandsIn(file: string): string[] {
  return [...proseOf(file).matchAll(/`((?:npm|npx|docker|USER_SERVICE_PORT)[^`]+)`/g)]
    .map(([, command]) => command!)
    .sort()
}
