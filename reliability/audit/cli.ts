import { setTimeout as pause } from 'node:timers/promises'
import { printable } from '@tandem/chassis/printable'
import { audit, type Report } from './audit'
import { certain } from './certain'
import { readJournal } from './journal'
import { cluster, files, runningStack, scaleStack, type Source } from './sources'

export const usage = `Usage: npm run audit -- [--settled] [--acknowledged FILE] [SOURCE]

Compares the records of both services, which may be running, and prints what does not fit. Finds what was started from
this folder by docker compose or npm start. Exit code 0: no findings; 1: findings; 2: something could not be read.

  --settled            no order is under way: one that is pending is a finding at once
  --acknowledged FILE  the journal of a caller; whatever it was told must still be there
  --scale              what docker-compose.scale.yml runs
  --kubernetes         what runs in the cluster of kubectl
  --users FILE         the database of user-service, such as a back-up
  --orders FILE        the database of order-service; goes with --users`

export const options = {
  scale: { type: 'boolean' },
  kubernetes: { type: 'boolean' },
  users: { type: 'string' },
  orders: { type: 'string' },
  acknowledged: { type: 'string' },
  settled: { type: 'boolean' },
} as const

export interface Choices {
  scale?: boolean | undefined
  kubernetes?: boolean | undefined
  users?: string | undefined
  orders?: string | undefined
  acknowledged?: string | undefined
  settled?: boolean | undefined
}

/** Prints the findings, and returns whether there were none. Throws if something cannot be read. */
export async function auditBy(
  { scale = false, kubernetes = false, users, orders, acknowledged, settled = false }: Choices,
  say: (line: string) => void,
  pauseMs = 1_000,
): Promise<boolean> {
  if (kubernetes && (scale || users !== undefined || orders !== undefined))
    throw new Error('--kubernetes goes with no other source')
  const source = kubernetes ? cluster() : await sourceOf(scale, users, orders)
  // Before the records: what is acknowledged meanwhile may not be in them.
  const journal = acknowledged === undefined ? undefined : await readJournal(acknowledged)
  const look = async (): Promise<Report> => {
    const now = Date.now()
    const records = { ...(await source.read()), ...(journal && { journal }) }
    return audit(records, settled ? { settled } : { settled, now })
  }
  const { findings, checked } = await certain(look, () => pause(pauseMs))
  for (const { kind, message } of findings) say(`${kind}: ${printable(message)}`)
  say(summary(source, { findings, checked }))
  return findings.length === 0
}

function sourceOf(scale: boolean, users: string | undefined, orders: string | undefined): Source | Promise<Source> {
  if ((users === undefined) !== (orders === undefined)) throw new Error('--users and --orders go together')
  if (users === undefined || orders === undefined) return scale ? scaleStack() : runningStack()
  if (scale) throw new Error('either --scale, or --users and --orders')
  return files(users, orders)
}

function summary({ name }: Source, { findings, checked }: Report): string {
  const counts = Object.entries(checked).map(([what, count]) => `${what}: ${count}`)
  return `${findings.length} finding${findings.length === 1 ? '' : 's'} in ${name} (${counts.join(', ')})`
}
