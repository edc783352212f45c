import { Client } from 'pg'
import { realSystem, type System } from '@tandem/chassis/system'

type Query = (this: Client, ...given: unknown[]) => unknown

interface Points {
  before: () => void
  after?: () => void
}

// Not what a process also writes down for itself beside others: numbers of events, leases, lags.
const counts = /INTO (events|seen_events) |UPDATE orders SET status|UPDATE events SET data|DELETE FROM holds/

/** Calls back at each commit of this process, on SQLite and on PostgreSQL. Returns the system to start a service with. */
export function atCommits({ before, after = () => undefined }: Points): System {
  onPostgres({ before, after })
  return {
    ...realSystem,
    afterTurn: (commit) => {
      realSystem.afterTurn(() => {
        before()
        commit()
        setImmediate(after)
      })
    },
  }
}

function onPostgres({ before, after }: Required<Points>): void {
  const counted = new Set<Client>()
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called below with the client that it belongs to
  const query = Client.prototype.query as Query // one of its many signatures
  const observed: Query = function (...given) {
    const [statement] = given as [string | { text: string }] // the product uses these two
    const text = typeof statement === 'string' ? statement : statement.text
    if (text.startsWith('BEGIN')) counted.delete(this)
    else if (counts.test(text)) counted.add(this)
    if (text !== 'COMMIT' || !counted.has(this)) return query.apply(this, given)
    before()
    return (query.apply(this, given) as Promise<unknown>).finally(after) // no callback was given
  }
  Object.assign(Client.prototype, { query: observed })
}
