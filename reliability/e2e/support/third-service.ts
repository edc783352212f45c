import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../harness/stack'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const section = /<!-- third-service -->(.*)<!-- \/third-service -->/s.exec(readme)?.[1] ?? ''

/** The files of the README's third service, by their paths. */
export const files = new Map(
  [...section.matchAll(/^`([\w./-]+)`:[^\n]*\n\n```\w+\n(.*?)^```$/gms)].map(([, path, text]) => [path!, text!]),
)

/** Its commands, block by block. */
export const commands = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!)
