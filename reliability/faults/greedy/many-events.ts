import { askPort } from '../../harness/ask'
import { eventually } from '../../harness/eventually'
import type { ComposeStack } from '../../harness/compose-stack'
import { signInAdmin, signUp } from '../load/callers'
import { rawLoad, rawRequest, type RawLoad } from '../load/raw-load'
import { othersDuring } from './others'
import type { Part } from './part'

const connections = 32
const deletionMs = 60_000
const followingMs = 60_000
const pageOfEvents = 1000

/** A user that was renamed all the time deletes itself. */
export const manyEvents: Part = {
  name: 'many events',
  run: async (context) => {
    const { stack, journal, short, tell } = context
    const writes = Math.ceil((short ? 20_000 : 150_000) / connections)
    const renames = writes * connections
    const { id, token } = await signUp(context)
    const request = rawRequest({ method: 'PATCH', path: `/users/${id}`, token, body: { name: 'Ada Lovelace' } })
    const began = performance.now()
    const load: RawLoad = { requests: [request], connections, inOneWrite: 1, writes, reads: true, seconds: 300 }
    const { statuses } = await rawLoad(context, 'user-service', load)
    if (statuses[200] !== renames) throw new Error(`renames were answered ${JSON.stringify(statuses)}`)
    tell(`renamed ${renames} times in ${((performance.now() - began) / 1000).toFixed(0)} s`)

    const { result, figure, checks } = await othersDuring(context, async () => {
      const asked = performance.now()
      const path = `/users/${id}`
      const { status } = await askPort(stack.ports['user-service'], { method: 'DELETE', path, token }, deletionMs)
      const seconds = (performance.now() - asked) / 1000
      tell(`deletion answered ${status} after ${seconds.toFixed(1)} s`)
      const events = await eventsOf(stack, id)
      await eventually(followingMs, 'order-service has followed', () => hasFollowed(stack))
      return { status, seconds, ...events }
    })
    if (result.status === 204) journal.add({ kind: 'deletion', userId: id })
    return {
      done: `a user with ${renames + 1} events deletes itself`,
      figures: [`deleted in ${result.seconds.toFixed(1)} s`, figure],
      checks: [
        ...checks,
        { message: `the deletion returned ${result.status}`, holds: result.status === 204 },
        {
          message: `${result.named} of ${result.events} events in the feed have the name after it`,
          holds: result.named === 0 && result.events === renames + 2,
          noneOf: result.events,
        },
      ],
    }
  },
}

/** Reads the whole feed. Returns how many events are of the user, and how many of these have a name. */
async function eventsOf(stack: ComposeStack, userId: string): Promise<{ events: number; named: number }> {
  const { token } = await signInAdmin(stack)
  const found = { events: 0, named: 0 }
  let after = ''
  for (;;) {
    const path = `/events?limit=${pageOfEvents}&lastEventId=${after}`
    const { body } = await askPort(stack.ports['user-service'], { path, token })
    const page = body as { id: string; subject: string; data: { name: string | null } }[]
    for (const { subject, data } of page) {
      if (subject !== userId) continue
      found.events += 1
      if (data.name !== null) found.named += 1
    }
    const last = page.at(-1)
    if (last === undefined || page.length < pageOfEvents) return found
    after = last.id
  }
}

async function hasFollowed({ ports }: ComposeStack): Promise<true | undefined> {
  const { body } = await askPort(ports['order-service'], { path: '/health/ready' })
  const lag = body.lag as Record<string, { events: number | null }>
  return lag['user-service']?.events === 0 || undefined
}
