import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { audit, type Report } from './audit'
import { certain } from './certain'
import { readJournal } from './journal'
import { files, runningStack, type Source } from './sources'

const options = {
  users: { type: 'string' },
  orders: { type: 'string' },
  acknowledged: { type: 'string' },
  settled: { type: 'boolean', default: false },
} as const

/**
 * `npm run audit [-- --settled] [--acknowledged JOURNAL] [--users FILE --orders FILE]`: says what was found, and answers
 * whether it was nothing. Throws where something could not be read.
 */
export async function auditBy(args: string[], say: (line: string) => void, pauseMs = 1_000): Promise<boolean> {
  const { users, orders, acknowledged, settled } = parseArgs({ args, options }).values
  if ((users === undefined) !== (orders === undefined)) throw new Error('--users and --orders go together')
  const source = users !== undefined && orders !== undefined ? files(users, orders) : await runningStack()
  // Before the records: what is acknowledged meanwhile may not be in them.
  const journal = acknowledged === undefined ? undefined : await readJournal(acknowledged)
  const look = async (): Promise<Report> => {
    const now = Date.now()
    const records = { ...(await source.read()), ...(journal && { journal }) }
    return audit(records, settled ? { settled } : { settled, now })
  }
  const { findings, checked } = await certain(look, () => pause(pauseMs))
  for (const { kind, says } of findings) say(`${kind}: ${says}`)
  say(summary(source, { findings, checked }))
  return findings.length === 0
}

function summary({ name }: Source, { findings, checked }: Report): string {
  const counts = Object.entries(checked).map(([what, count]) => `${what}: ${count}`)
  return `${findings.length} finding${findings.length === 1 ? '' : 's'} in ${name} (${counts.join(', ')})`
}
