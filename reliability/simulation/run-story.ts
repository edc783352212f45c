import { mkdtempSync, rmSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRecords as readOrderRecords } from '../../order-service/src/operations/records-store'
import { readRecords as readUserRecords } from '../../user-service/src/operations/records-store'
import { audit } from '../audit/audit'
import type { Finding } from '../audit/finding'
import type { Acknowledgement } from '../audit/journal'
import { collectOrderRecords, collectUserRecords } from '../audit/records'
import { Caller } from './caller'
import type { Sabotage } from './guards'
import { Network } from './network'
import type { Service } from './service'
import { simulatedServices } from './services'
import { troubleMs, type Story } from './story'
import { World } from './world'

const justAfterMs = 5
const settlingMs = 10 * 60_000
const memory = '/dev/shm' // files there cost no disk; what a sync is worth has tests of its own

/** What was sent, and what went wrong. */
export interface Counts {
  requests: number
  /** Requests that were lost, or their answers. */
  lost: number
  repeated: number
  kills: number
  hangs: number
  jumps: number
}

export interface Outcome {
  findings: string[]
  /** What happened, line by line, and its hash. */
  trace: readonly string[]
  traceHash: string
  acknowledged: number
  counts: Counts
}

/** Lets a story happen; then nothing goes wrong any more, everything settles, and the audit looks at what is left. */
export async function runStory(story: Story, sabotage?: Sabotage): Promise<Outcome> {
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'tandem-simulation-'))
  const world = new World(story.seed)
  const network = new Network(world, story.passages)
  const faults: string[] = []
  const onError = (line: string) => faults.push(line)
  const { users, orders, machines } = simulatedServices({ ...story, world, network, folder, sabotage, onError })
  try {
    await users.start()
    await orders.start()
    const journal: Acknowledgement[] = []
    const failed: string[] = []
    let living = story.callers.length
    story.callers.forEach((steps, i) => {
      const caller = new Caller({ world, network, users, orders, journal }, `caller-${i}`)
      caller
        .live(steps)
        .catch((error: unknown) => failed.push(`caller-${i}: ${String(error)}`))
        .finally(() => (living -= 1))
    })
    for (const { at, of, trouble } of story.disturbances) {
      const service = { users, orders }[of]
      const happen = () => {
        const { kind, ms } = trouble
        if (kind === 'kill') dieAndReturn(world, service, ms)
        else if (kind === 'hang') service.hang(ms)
        else {
          machines[of].clockOffset += ms
          world.tell(`${service.name}’s clock jumps by ${ms} ms`)
        }
      }
      if (typeof at === 'number') world.after(at, happen)
      else service.afterCommits(at.commits, () => world.after(world.random() * justAfterMs, happen))
    }
    await world.runUntil(troubleMs + 5_000)
    network.disturbed = false
    const isOver = async () => living === 0 && network.onTheirWay === 0 && (await isQuiet(users, orders))
    for (let i = 0; i < settlingMs / 1000 && !(await isOver()); i++) await world.runUntil(world.elapsed + 1000)
    const findings = await lookAtWhatIsLeft(users, orders, journal)
    if (living > 0) failed.push(`${living} callers still wait`)
    return {
      findings: [
        ...failed,
        ...network.faults,
        ...faults,
        ...findings.map(({ kind, message }) => `${kind}: ${message}`),
      ],
      trace: [...world.lines],
      traceHash: world.traceHash(),
      acknowledged: journal.length,
      counts: { ...network.counts, ...countDisturbances(world.lines) },
    }
  } finally {
    users.kill()
    orders.kill()
    rmSync(folder, { recursive: true })
  }
}

function countDisturbances(lines: readonly string[]): Pick<Counts, 'kills' | 'hangs' | 'jumps'> {
  const count = (words: string) => lines.filter((line) => line.includes(words)).length
  return { kills: count('-service killed'), hangs: count('-service hangs'), jumps: count('-service’s clock') }
}

function dieAndReturn(world: World, service: Service, forMs: number): void {
  if (!service.isRunning) return
  service.kill()
  world.after(forMs, () => {
    void service.start()
  })
}

/** Whether nothing is left to settle and to follow. */
async function isQuiet(users: Service, orders: Service): Promise<boolean> {
  if (!users.isRunning || !orders.isRunning) return false
  const unfinished = await orders.database.read.get('SELECT id FROM orders WHERE due_at IS NOT NULL LIMIT 1')
  const last = await users.database.read.get<{ id: string }>('SELECT id FROM events ORDER BY sequence DESC LIMIT 1')
  const position = await orders.database.read.get<{ id: string }>('SELECT last_event_id AS id FROM followed_feeds')
  return unfinished === undefined && last?.id === position?.id
}

async function lookAtWhatIsLeft(users: Service, orders: Service, journal: Acknowledgement[]): Promise<Finding[]> {
  const records = {
    users: await collectUserRecords(readUserRecords(users.database.read)),
    orders: await collectOrderRecords(readOrderRecords(orders.database.read)),
    journal,
  }
  return audit(records, { settled: true }).findings
}
