import { readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from '../../harness/compose-stack'
import { documentText } from '../../harness/commands'

/** Every document of the repository, by its path from the root. */
export const documents: readonly string[] = [
  'README.md',
  'README.zh-CN.md',
  'CONTRIBUTING.md',
  'chassis/README.md',
  ...filesIn('docs').filter((file) => file.endsWith('.md')),
]

export function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

/** A document without its code blocks. */
export function proseOf(file: string): string {
  return documentText(file).replace(/^```.*?^```$/gms, '')
}

/** What the links of a document lead to, as paths from the root, with their anchors. */
export function linksOf(file: string): string[] {
  const inline = [...proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)
  const defined = [...proseOf(file).matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(([, target]) => target!)
  return [...inline, ...defined]
    .filter((target) => !/^https?:/.test(target))
    .map((target) => (target.startsWith('#') ? file + target : join(dirname(file), target)))
}

/** The anchors that GitHub gives to the headings of a document. */
export function anchorsOf(file: string): string[] {
  return [...proseOf(file).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** The code blocks of a document in one language. */
export function blocksOf(file: string, language: string): string[] {
  const blocks = documentText(file).matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms)
  return [...blocks].filter(([, is]) => is === language).map(([, , text]) => text!)
}
