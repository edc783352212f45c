import { soleLease } from '@tandem/chassis/database/sole-lease'
import type { Lease } from '@tandem/chassis/database/database'
import { testFollower } from '../../testing/test-follower'
import { TestFeed } from '../../testing/test-feed'
import { VirtualSystem, settled } from '../../testing/virtual-system'

/** A follower whose reads of its position wait until they are let through, and which can lose its lease. */
async function following() {
  const system = new VirtualSystem()
  const lost = new AbortController()
  const lease = { ...soleLease, isShared: true, term: { ...soleLease.term!, signal: lost.signal } as Lease['term'] }
  const source = { opened: 0, closed: 0 }
  let letThrough = (): void => undefined
  const { follower } = await testFollower({
    system,
    transport: await TestFeed.open(system),
    source: {
      read: async () => {
        source.opened += 1
        return { events: [], remaining: 0 }
      },
      close: async () => {
        source.closed += 1
      },
    },
    wrapDatabase: (database) => ({
      ...database,
      lease: () => lease,
      write: async () => undefined as never,
      read: {
        ...database.read,
        all: (...given) => database.read.all(...given),
        get: async (sql, ...values) => {
          if (sql.includes('FROM followed_feeds')) await new Promise<void>((resolve) => (letThrough = resolve))
          return database.read.get<never>(sql, ...values)
        },
      },
    }),
  })
  follower.start()
  await settled()
  return {
    follower,
    source,
    letThrough: () => {
      letThrough()
    },
    loseLease: () => {
      Object.assign(lease, { term: undefined })
      lost.abort()
    },
  }
}

describe('What a follower reads from', () => {
  it('is read while it has the lease', async () => {
    const { source, letThrough } = await following()
    letThrough()
    await settled()
    expect(source.opened).toBeGreaterThan(0)
  })

  it('is not opened again if the lease is lost while it reads its position', async () => {
    const { source, letThrough, loseLease } = await following()
    loseLease()
    await settled()
    letThrough()
    await settled()
    expect(source).toEqual({ opened: 0, closed: 1 })
  })

  it('is not opened again if it is stopped while it reads its position', async () => {
    const { follower, source, letThrough } = await following()
    const stopped = follower.stop()
    await settled()
    letThrough()
    await stopped
    await settled()
    expect(source).toEqual({ opened: 0, closed: 1 })
  })
})
