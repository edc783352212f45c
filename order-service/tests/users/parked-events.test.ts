import request from 'supertest'
import { realSystem } from '@tandem/chassis/system'
import { VirtualSystem } from '../../../chassis/testing/virtual-system'
import { followingOrders, storedCopies, userEvent, whilePassing } from './given-feed'

/** order-service on virtual time, in which the tries of an event that cannot be handled are soon over. */
async function tryingOrders() {
  const system = new VirtualSystem()
  const orders = await followingOrders({ system })
  const tell = (...events: ReturnType<typeof userEvent>[]) => whilePassing(system, orders.feed.tell(...events))
  return { ...orders, tell, admin: await orders.as('admin') }
}

describe("user-service's events", () => {
  it('are parked if their data cannot be read, and later events take effect', async () => {
    const { app, database, tell, admin } = await tryingOrders()
    const id = realSystem.newId()
    const good = [
      userEvent('created', { id, name: 'Ada', version: 1 }),
      userEvent('updated', { id, name: 'Bob', version: 2 }),
    ]
    const bad: [where: string, ReturnType<typeof userEvent>][] = [
      ['"id"', userEvent('created', { name: 'Ada', version: 1 })],
      ['"name"', userEvent('updated', { id, name: 7, version: 3 })],
      ['"version"', userEvent('updated', { id, name: 'Eve', version: 0 })],
      ['"name"', userEvent('deleted', { id, version: 4 })],
      ['object', userEvent('created', null)],
    ]
    const unknown = userEvent('promoted', { rank: 'countess' })
    const [before, behind] = good
    await tell(before!, ...bad.map(([, event]) => event), unknown, behind!)

    expect(await storedCopies(database)).toEqual([{ id, name: 'Bob', version: 2, changes: 2 }])
    const { body: parked } = await admin.get('/parked-events').expect(200)
    expect(parked).toEqual(
      bad.reverse().map(([where, event]) => ({
        id: event.id,
        feed: 'user-service',
        error: expect.stringContaining(where),
        parkedAt: expect.any(String),
      })),
    )
    const { text: metrics } = await request(app).get('/metrics')
    for (const [outcome, count] of Object.entries({ handled: 2, skipped: 1, duplicate: 0, parked: 5 }))
      expect(metrics).toContain(`followed_events_total{feed="user-service",outcome="${outcome}"} ${count}\n`)
    expect(metrics).toContain('parked_events{feed="user-service"} 5\n')
  })
})

describe('POST /parked-events/:id/retry', () => {
  it('applies the event once its obstacle is gone', async () => {
    const { database, tell, admin } = await tryingOrders()
    const id = realSystem.newId()
    const [first, parked] = [1, 2].map((version) => userEvent('updated', { id, name: 'Ada', version }))
    await tell(first!)
    await database.write((tx) => tx.run('ALTER TABLE user_copies RENAME TO mislaid'))
    await tell(parked!)
    await admin.post(`/parked-events/${parked!.id}/retry`).expect(409)
    await database.write((tx) => tx.run('ALTER TABLE mislaid RENAME TO user_copies'))

    await admin.post(`/parked-events/${parked!.id}/retry`).expect(204)

    expect(await storedCopies(database)).toEqual([{ id, name: 'Ada', version: 2, changes: 2 }])
    expect((await admin.get('/parked-events').expect(200)).body).toEqual([])
    const { body: none } = await admin.post(`/parked-events/${parked!.id}/retry`).expect(404)
    expect(none.code).toBe('not-found')
  })

  it('returns 409 and keeps the event parked if it still cannot be read', async () => {
    const { database, tell, admin } = await tryingOrders()
    const bad = userEvent('created', { name: 'Ada' })
    await tell(bad)
    const { body } = await admin.post(`/parked-events/${bad.id}/retry`).expect(409)
    expect(body.code).toBe('event-not-handled')
    expect(JSON.stringify(body)).not.toContain('version') // what is wrong is for GET /parked-events to say
    expect((await admin.get('/parked-events').expect(200)).body).toMatchObject([{ id: bad.id }])
    expect(await storedCopies(database)).toEqual([])
  })
})
