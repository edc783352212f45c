import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import type { Migration } from '@tandem/chassis/database/migrations'
import { openPostgres } from '@tandem/chassis/database/postgres/open-postgres'
import { exactNumbers } from '@tandem/chassis/database/postgres/types'
import { realSystem } from '@tandem/chassis/system'
import { KeptRows } from './kept-rows'
import { createDatabase, testServer } from './postgres'
import { SchedulePath } from './schedule-path'
import { SteppedSide, type Outcome, type Side } from './stepped-side'

type Work = (side: Side) => Promise<unknown>

/** What the two have returned or thrown, and all rows that they left. */
export interface End {
  outcomes: [Outcome, Outcome]
  rows: Record<string, unknown>
}

export interface Pair {
  /** Makes the rows that both find. */
  given?: Work
  /** What runs at once. */
  pair: readonly [Work, Work]
  /** What of an end is compared, if not all of it: for what is by chance. */
  seen?: (end: End) => unknown
  /** Takes a guard out of a statement, if it has it. Then the first bad interleaving ends the search. */
  without?: (sql: string) => string
}

interface Interleaving {
  /** In the order in which they began, as `1 SELECT …`. */
  statements: string[]
  seen: unknown
}

export interface Explored {
  /** How many interleavings there are. */
  count: number
  /** How many units were rolled back. */
  rollbacks: number
  /** What is seen of both, one after the other, in either order. */
  inOrder: [unknown, unknown]
  /** Those of which something else is seen. */
  bad: Interleaving[]
}

const maxInterleavings = 3000
const stuckMs = 10_000
// The least: whoever closes a circle of waiting finds it, as the other one has looked for it already.
const deadlockMs = 1
const surelyWaitingMs = 3

/** A database for all tests of this file, on which pairs run in every order of their statements that can differ. */
export function interleavings(migrations: readonly Migration[]): (pair: Pair) => Promise<Explored> {
  jest.setTimeout(60_000) // a busy machine runs a hundred of them in a second or two
  let stage: Stage | undefined
  beforeAll(async () => (stage = await Stage.open(migrations)))
  afterAll(() => stage?.close())
  return (pair) => stage!.explore(pair)
}

class Stage {
  private constructor(
    private readonly giver: SteppedSide,
    private readonly sides: readonly [SteppedSide, SteppedSide],
    private readonly watch: (sides: readonly SteppedSide[]) => Promise<SteppedSide[]>,
    private readonly rows: KeptRows,
    readonly close: () => Promise<void>,
  ) {}

  static async open(migrations: readonly Migration[]): Promise<Stage> {
    const { url, drop } = await createDatabase(testServer!, realSystem.newId())
    await (await openPostgres({ url, migrations, system: realSystem })).close()
    const clients = await Promise.all([1, 2, 3, 4].map(() => connect(url)))
    const [giver, left, right, watcher] = clients as [Client, Client, Client, Client]
    const pids = new Map<SteppedSide, number>()
    const sides = [new SteppedSide(left, 1), new SteppedSide(right, 2)] as const
    for (const [i, side] of sides.entries()) pids.set(side, await pidOf([left, right][i]!))
    const watch = async (among: readonly SteppedSide[]) => {
      const { rows } = await watcher.query<{ pid: number }>(waiting, [[...pids.values()]])
      return among.filter((side) => rows.some(({ pid }) => pid === pids.get(side)))
    }
    const rows = await KeptRows.of(watcher)
    await rows.keep('migrated')
    return new Stage(new SteppedSide(giver, 0), sides, watch, rows, async () => {
      for (const client of clients) await client.end()
      await drop()
    })
  }

  async explore({ given = async () => undefined, pair, seen = (end) => end, without }: Pair): Promise<Explored> {
    await this.rows.restore('migrated')
    await this.#alone(given)
    await this.rows.keep('given')
    for (const side of this.sides) side.change = (sql) => sql
    const play = (choose: Choose) => this.#play(pair, seen, choose)
    const inOrder = [await play((ready) => ready[0]!), await play((ready) => ready.at(-1)!)] as const
    const expected = inOrder.map((it) => JSON.stringify(it.seen))
    const explored: Explored = { count: 0, rollbacks: 0, inOrder: [inOrder[0].seen, inOrder[1].seen], bad: [] }
    if (without) for (const side of this.sides) side.change = without
    const path = new SchedulePath()
    do {
      const interleaving = await play((ready) => path.choose(ready))
      if (path.isRepetition) continue
      explored.count += 1
      explored.rollbacks += this.sides.reduce((sum, side) => sum + side.rollbacks, 0)
      if (!expected.includes(JSON.stringify(interleaving.seen))) explored.bad.push(interleaving)
      if (explored.count > maxInterleavings) throw new Error(`more than ${maxInterleavings} interleavings`)
    } while (path.next() && (without === undefined || explored.bad.length === 0))
    return explored
  }

  async #alone(work: Work): Promise<void> {
    this.giver.start(work)
    while (this.giver.outcome === undefined) {
      this.giver.letThrough()
      await this.giver.changed()
    }
    if ('threw' in this.giver.outcome) throw new Error(this.giver.outcome.threw)
  }

  async #play(pair: Pair['pair'], seen: NonNullable<Pair['seen']>, choose: Choose): Promise<Interleaving> {
    await this.rows.restore('given')
    const statements: string[] = []
    for (const [i, side] of this.sides.entries()) side.start(pair[i]!)
    for (;;) {
      await this.#settle(statements)
      const ready = this.sides.filter(({ next }) => next !== undefined)
      if (ready.length === 0) break
      const side = choose(ready)
      statements.push(`${side.number} ${side.next!.replace(/\s+/g, ' ').slice(0, 70)}`)
      side.letThrough()
    }
    const outcomes = this.sides.map(({ outcome }) => outcome!) as [Outcome, Outcome]
    return { statements, seen: await seen({ outcomes, rows: await this.rows.read() }) }
  }

  /** Resolves when no side moves any more, but for one that waits for a lock of the other one. */
  async #settle(statements: string[]): Promise<void> {
    const deadline = performance.now() + stuckMs
    for (;;) {
      const moving = this.sides.filter(({ isMoving }) => isMoving)
      if (moving.length === 0) return
      await Promise.race([Promise.all(moving.map((side) => side.changed())), pause(1)])
      const still = moving.filter(({ isMoving }) => isMoving)
      if (still.length === 0) return
      const blocked = await this.watch(still)
      // If all wait, PostgreSQL ends one of them.
      if (blocked.length === still.length && this.sides.some(({ next }) => next !== undefined)) return
      if (performance.now() > deadline) throw new Error(`stuck after:\n${statements.join('\n')}`)
    }
  }
}

type Choose = (ready: readonly SteppedSide[]) => SteppedSide

const waiting = `SELECT pid FROM pg_locks
  WHERE NOT granted AND pid = ANY ($1) AND waitstart < clock_timestamp() - INTERVAL '${surelyWaitingMs} ms'`

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, types: exactNumbers })
  await client.connect()
  await client.query(`SET deadlock_timeout = ${deadlockMs}`)
  return client
}

async function pidOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]!.pid
}
