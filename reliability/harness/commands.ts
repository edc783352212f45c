import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './compose-stack'

/** A command block of a document, and the shortened output that the document shows below it. */
export interface Command {
  script: string
  shown: Block[]
}

export interface Block {
  language: string
  text: string
}

/**
 * The `sh` blocks between `<!-- commands: REGION -->` and `<!-- /commands -->`. A block marked `sh npm-start` replaces the
 * one before it under `npm start`.
 */
export function commandsOf(file: string, region: string, under: 'compose' | 'npm-start' = 'compose'): Command[] {
  const [, section = ''] =
    new RegExp(`<!-- commands: ${region} -->(.*?)<!-- /commands -->`, 's').exec(documentText(file)) ?? []
  const commands = commandsIn(section, 'sh', under)
  if (commands.length === 0) throw new Error(`${file} has no commands in the region ${region}`)
  return commands
}

/** The `bash` blocks below a heading of the second level. */
export function commandsBelow(file: string, heading: string): Command[] {
  const section = documentText(file)
    .split(/^## /m)
    .find((text) => text.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`${file} has no heading ${heading}`)
  return commandsIn(section, 'bash')
}

function commandsIn(section: string, shell: 'sh' | 'bash', under?: string): Command[] {
  const commands: Command[] = []
  for (const [, language = '', mark, text = ''] of section.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)) {
    const last = commands.at(-1)
    if (language === shell && mark === undefined) commands.push({ script: text, shown: [] })
    else if (last && language === shell && mark === under) last.script = text
    else if (last && language !== shell) last.shown.push({ language, text })
  }
  return commands
}

/** The files that a document shows whole, each below a line that begins with its path. */
export function filesOf(file: string): Map<string, string> {
  const blocks = documentText(file).matchAll(/^`([\w./-]+)`:[^\n]*\n\n```\w+\n(.*?)^```$/gms)
  return new Map([...blocks].map(([, path = '', text = '']) => [path, text]))
}

export function documentText(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
