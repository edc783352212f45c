import type { Check } from './fault'
import type { Verdict } from './run-fault'

/** A table of Markdown: each fault, what was done, what was measured, what had to hold, and whether it did. */
export function table(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ name, done, figures, checks, passed }) => [
    name,
    done,
    figures.join('; '),
    checks.map(boundOf).join('; '),
    passed ? 'pass' : 'FAIL',
  ])
  const lines = [
    ['fault', 'what was done', 'measured', 'what had to hold', ''],
    ['---', '---', '---', '---', '---'],
    ...rows,
  ]
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
}

/** Of n that were looked at none was bad: at 95 % it is true of at most 3/n of all (the rule of three). */
function boundOf({ message, holds, noneOf }: Check): string {
  const bound = noneOf && holds ? ` (0 of ${noneOf}: at most ${percent(3 / noneOf)} at 95 %)` : ''
  return `${holds ? '' : 'NOT '}${message}${bound}`
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`
}
