import { callers } from './expected'
import type { Cell } from './matrix'

/** Prints the table and the findings. Returns whether all is well. */
export function report(cells: readonly Cell[]): boolean {
  console.log(`| route | ${callers.join(' | ')} | broken tokens |\n|${' --- |'.repeat(callers.length + 2)}`)
  const routes = new Set(cells.map(({ route }) => route))
  for (const route of routes) {
    const of = cells.filter((cell) => cell.route === route)
    const shown = callers.map((caller) => of.find((cell) => cell.caller === caller)?.shown ?? '')
    if (shown.every((it) => it === '')) continue
    const rest = of.filter(
      (cell) =>
        cell.shown !== '' && !callers.some((caller) => caller === cell.caller) && cell.caller !== 'a foreign id',
    )
    const counts = Object.entries(Object.groupBy(rest, (cell) => cell.shown)).map(
      ([status, these]) => `${these?.length} × ${status}`,
    )
    console.log(`| ${route} | ${shown.join(' | ')} | ${counts.join(', ')} |`)
  }
  const bad = cells.filter(({ fault }) => fault !== undefined)
  for (const { route, caller, fault } of bad) console.log(`\nFINDING: ${route} for ${caller}: ${fault}`)
  const foreign = cells.filter(({ caller }) => caller === 'a foreign id').length
  console.log(`\n${foreign} requests for a foreign id\n`)
  summarise('Access', cells.length - bad.length, cells.length)
  return bad.length === 0
}

export function summarise(what: string, passed: number, total: number): void {
  console.log(`${what}: ${passed} passed, ${total - passed} failed, ${total} total`)
}
