import type { Block, Command } from '../../harness/commands'

/**
 * Checks that the output of a command is what the document shows below it. What is shown is shortened: `…` stands for any
 * text, and lines, fields and elements may be missing.
 */
export function expectShown(output: string, { shown }: Pick<Command, 'shown'>): void {
  const lines = output.replaceAll('\r', '').split('\n')
  let from = 0
  for (const block of shown) {
    for (const expected of expectations(block)) {
      const found = lines.findIndex((line, i) => i >= from && expected.matches(line))
      if (found === -1)
        throw new Error(`the document shows\n${expected.text}\nwhich is not there, or not in order, in\n${output}`)
      from = found + 1
    }
  }
}

interface Expectation {
  text: string
  matches: (line: string) => boolean
}

function expectations({ language, text }: Block): Expectation[] {
  if (language === 'json')
    return [{ text, matches: (line) => isJson(line) && includes(JSON.parse(line), JSON.parse(text)) }]
  const lines = text.split('\n').filter((line) => !['', '…'].includes(line))
  return lines.map((line) => ({ text: line, matches: (it) => pattern(line).test(it) }))
}

function includes(actual: unknown, shown: unknown): boolean {
  if (typeof shown === 'string') return typeof actual === 'string' && pattern(shown).test(actual)
  if (Array.isArray(shown)) {
    const elements = Array.isArray(actual) ? (actual as unknown[]) : []
    let from = 0
    return shown.every((element) => {
      const found = elements.findIndex((it, i) => i >= from && includes(it, element))
      from = found + 1
      return found !== -1
    })
  }
  if (typeof shown === 'object' && shown !== null) {
    if (typeof actual !== 'object' || actual === null) return false
    return Object.entries(shown).every(([name, value]) => includes((actual as Record<string, unknown>)[name], value))
  }
  return actual === shown
}

function pattern(shown: string): RegExp {
  const quoted = shown.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(`^${quoted.replaceAll('…', '.*')}$`)
}

function isJson(line: string): boolean {
  return /^[[{]/.test(line)
}
