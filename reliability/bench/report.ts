import type { PerProcess } from './beside-yardsticks'
import { shopNames } from './shop-names'
import type { ShopSummary, Summary } from './summary'

const noProc = 'not measured: no /proc'

/** The tables that are printed, in Markdown. */
export function tablesOf({ shops, ratios, growth }: Summary): string {
  const tables = [
    table(
      ['', ...shopNames],
      [
        row('POST /orders a second', ({ post }) => whole(post.rate)),
        row('its p50, p99', ({ post }) => `${ms(post.p50Ms)}, ${ms(post.p99Ms)} ms`),
        row('202 instead of 201, not counted', ({ post }) => whole(post.accepted)),
        row('GET /orders/:id a second', ({ get }) => whole(get.rate)),
        row('its p50, p99', ({ get }) => `${ms(get.p50Ms)}, ${ms(get.p99Ms)} ms`),
        row('CPU time of a POST, users + orders', ({ cpuMicroseconds: cpu }) => cpu && `${sum(cpu.post)} µs`),
        row('CPU time of a GET, users + orders', ({ cpuMicroseconds: cpu }) => cpu && `${sum(cpu.get)} µs`),
        row(
          'ready after, users and orders',
          ({ startMs: { users, orders } }) => `${whole(users)}, ${whole(orders)} ms`,
        ),
        row('memory at rest, users + orders', ({ memoryMb }) => memoryMb && `${sum(memoryMb.rest)} MB`),
        row('memory after the run, users + orders', ({ memoryMb }) => memoryMb && `${sum(memoryMb.after)} MB`),
      ],
    ),
    table(
      ['tandem', '/ naive', '/ floor'],
      ratios.map(({ figure, toNaive, toFloor }) => [figure, toNaive.toFixed(2), toFloor.toFixed(2)]),
    ),
  ]
  if (growth.length > 0)
    tables.push(
      table(
        ['orders stored', 'POST a second', 'CPU time of a POST', 'first page a second', 'deep page a second'],
        growth.map((size) => [
          String(size.orders),
          compared(size.post.rate, size.postRatio),
          size.cpuMicroseconds === undefined ? noProc : compared(size.cpuMicroseconds, size.cpuRatio, ' µs'),
          compared(size.firstPage.rate, size.firstPageRatio),
          compared(size.deepPage.rate, size.deepPageRatio),
        ]),
      ),
    )
  return tables.join('\n\n')

  function row(figure: string, of: (shop: ShopSummary) => string | undefined): string[] {
    return [figure, ...shopNames.map((name) => of(shops[name]) ?? noProc)]
  }
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((_, column) => Math.max(...[heads, ...rows].map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

/** With its ratio to the first line. */
function compared(value: number, ratio = NaN, unit = ''): string {
  return `${whole(value)}${unit}, × ${ratio.toFixed(2)}`
}

function sum({ users, orders }: PerProcess): string {
  return `${whole(users)} + ${whole(orders)}`
}

function whole(value: number): string {
  return String(Math.round(value))
}

function ms(value: number): string {
  return value.toFixed(1)
}
