import { createHash } from 'node:crypto'
import { audit } from '../../../reliability/audit/audit'
import { collectUserRecords } from '../../../reliability/audit/records'
import { interleavings, type End, type Explored, type Pair } from '../../../chassis/testing/interleavings'
import { printed } from '../../../chassis/testing/kept-rows'
import type { Side } from '../../../chassis/testing/stepped-side'
import { deleteUser } from '../../src/accounts/delete-user'
import { signUp } from '../../src/accounts/sign-up'
import { migrations } from '../../src/database/migrations'

const kinds = { users: 'user', deposits: 'deposit', holds: 'hold', redactions: 'redaction', events: 'event' }
/** What order-service and the job that numbers would see to. */
const ofOthers = /^(hold-without-order|copy-|events-unnumbered)/
const noOrders = { orders: [], events: [], userCopies: [], positions: [], parkedEvents: [] }

/** Runs pairs of units on the tables of this service. What is seen of an end has the findings of the audit in it. */
export function interleavedUsers(): (pair: Pair) => Promise<Explored> {
  const explore = interleavings(migrations)
  return (pair) => explore({ seen, ...pair })
}

async function seen({ outcomes, rows: { api_keys, ...rows } }: End) {
  const records = { users: await collectUserRecords(printed(rows, kinds)), orders: noOrders }
  const findings = audit(records, { settled: true }).findings.filter(({ kind }) => !ofOthers.test(kind))
  const shown = JSON.stringify({ findings, outcomes, rows, keys: keysByOwner(api_keys) })
  return JSON.parse(outcomes.reduce((text, outcome, i) => named(text, outcome, `key of ${i + 1}`), shown)) as unknown
}

function keysByOwner(rows: unknown): string[] {
  return ((rows ?? []) as { subject: string; hash: string }[]).map(({ subject, hash }) => `${subject} ${hash}`).sort()
}

/** A key is by chance: it is told by who got it. */
function named(text: string, outcome: End['outcomes'][0], name: string): string {
  const { apiKey } = ('returned' in outcome ? (outcome.returned ?? {}) : {}) as { apiKey?: string }
  if (apiKey === undefined) return text
  return text.replaceAll(apiKey, name).replaceAll(createHash('sha256').update(apiKey).digest('hex'), name)
}

export const userId = '0190f3c4-0000-7000-8000-000000000001'

export const ada = (side: Side) =>
  signUp({ ...side, signupCreditCents: 700 }, { name: 'Ada', email: 'ada@example.com' })

/** Who signs up after Ada. */
export const bobId = '0190f3c4-0000-7000-8000-000000000004'

export const adaAndBob = async (side: Side) => {
  await ada(side)
  await signUp({ ...side, signupCreditCents: 700 }, { name: 'Bob', email: 'bob@example.com' })
}

export const remove = (side: Side) => deleteUser(side, userId, undefined)

export const withoutLock = (sql: string): string => sql.replace(/ FOR UPDATE$/, '')
