import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { documentText } from '../../harness/commands'
import { root } from '../../harness/compose-stack'
import { anchorsOf, documents, filesIn, linksOf, proseOf } from './documents'

test.each(documents)('%s links only to files and headings that exist', (document) => {
  const broken = linksOf(document).filter((target) => {
    const [file = '', anchor] = target.split('#')
    if (!existsSync(join(root, file))) return true
    return anchor !== undefined && !anchorsOf(file).includes(anchor)
  })
  expect(broken).toEqual([])
})

test.each(documents)('%s names only files that exist', (document) => {
  const named = [
    ...proseOf(document).matchAll(/`((?:chassis|user-service|order-service|reliability|scripts|docs)\/[\w./-]+)`/g),
  ]
  const added = document === 'docs/add-a-route.md' ? [...documentText(document).matchAll(/^`(\S+)`:$/gm)] : []
  const missing = named.map(([, file]) => file!).filter((file) => !existsSync(join(root, file)))
  expect(missing).toEqual(added.map(([, file]) => file))
})

test.each(['README.md', 'README.zh-CN.md'])(
  '%s defines each link that it uses by name, and uses each that it defines',
  (file) => {
    const text = documentText(file)
    const defined = [...text.matchAll(/^\[([^\]]+)\]: /gm)].map(([, name]) => name!)
    const used = [...proseOf(file).matchAll(/\[([^\][]+)\](?![(:\]])/g)].map(([, name]) => name!)
    expect([...new Set(used)].sort()).toEqual([...defined].sort())
  },
)

test('the README leads to every page of docs, and the course to its own', () => {
  const pages = filesIn('docs').filter((file) => file.endsWith('.md') && !/decisions\/\d/.test(file))
  const isOfCourse = (file: string) => file.startsWith('docs/course/') && file !== 'docs/course/README.md'
  expect(linksOf('README.md')).toEqual(expect.arrayContaining(pages.filter((file) => !isOfCourse(file))))
  const course = [...linksOf('docs/course/README.md'), ...linksOf('docs/course/zh-CN/README.md')]
  expect(course).toEqual(expect.arrayContaining(pages.filter(isOfCourse)))
})

test('the list of decisions has each of them', () => {
  const decisions = filesIn('docs/decisions').filter((file) => /\/\d/.test(file))
  expect(linksOf('docs/decisions/README.md')).toEqual(decisions)
})

test('chassis/README.md has a line for each folder and file of src', () => {
  const listed = [...documentText('chassis/README.md').matchAll(/^\| `(\S+)` \|/gm)].map(([, name]) => name!)
  const inSource = filesIn('chassis/src').map((file) => file.split('/')[2]!)
  expect([...listed].sort()).toEqual([...new Set(inSource)].sort())
})

test('the editor settings name only files and configurations that exist', () => {
  const launch = JSON.parse(documentText('.vscode/launch.json'))
  const files = [...JSON.stringify(launch).matchAll(/\$\{workspaceFolder\}\/([^"]+)/g)].map(([, file]) => file!)
  const names = launch.configurations.map(({ name }: { name: string }) => name)
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
  for (const { configurations } of launch.compounds) expect(names).toEqual(expect.arrayContaining(configurations))
})
