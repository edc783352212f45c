import type { Registry } from 'prom-client'
import { pageOf } from '../../testing/test-feed'
import { following } from '../../testing/test-follower'
import { settled } from '../../testing/virtual-system'

/** The samples of the registry, by name and labels as they are written. */
async function samples(registry: Registry): Promise<Record<string, string>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map((line) => line.split(/ (?=\S+$)/) as [string, string]))
}

const taken = (outcome: string) => `followed_events_total{feed="things",outcome="${outcome}"}`
const eventsBehind = 'feed_lag_events{feed="things"}'
const secondsBehind = 'feed_lag_seconds{feed="things"}'
const parked = 'parked_events{feed="things"}'

describe('The metrics of a follower', () => {
  it('exist before the first response, with an unknown lag', async () => {
    const { system, registry } = await following()
    await system.pass(1500)
    expect(await samples(registry)).toEqual({
      [taken('handled')]: '0',
      [taken('duplicate')]: '0',
      [taken('skipped')]: '0',
      [taken('parked')]: '0',
      [eventsBehind]: 'Nan',
      [secondsBehind]: '1.5',
      [parked]: '0',
    })
  })

  it('count each applied event by result, parked events and the lag', async () => {
    const { feed, follower, system, faults, registry } = await following()
    await feed.happenAs('thing.undone', 'x')
    await feed.happen('a', 'bad', 'b')
    const [x, a, bad, b] = await feed.events()
    feed.instead = (after) =>
      after === null ? { ...pageOf(x, a, a, bad, b), headers: { 'remaining-events': '3' } } : { status: 503 }
    faults.set('bad', new Error('on purpose'))
    follower.start()
    await system.pass(2000)
    expect(await samples(registry)).toEqual({
      [taken('handled')]: '2',
      [taken('duplicate')]: '1',
      [taken('skipped')]: '1',
      [taken('parked')]: '1',
      [eventsBehind]: '3',
      [secondsBehind]: '2',
      [parked]: '1',
    })
    faults.clear()
    feed.instead = () => undefined
    await follower.retry((await feed.ids())[2]!, 'request')
    await system.pass(5000)
    expect(await samples(registry)).toMatchObject({ [parked]: '0', [eventsBehind]: '0', [secondsBehind]: '0' })
  })

  it('count nothing of a page that was not committed', async () => {
    const { feed, follower, stepIn, registry } = await following()
    await feed.happen('a')
    stepIn.beforeCommit = () => {
      throw Object.assign(new Error('disk full'), { errcode: 13 })
    }
    follower.start()
    await settled()
    expect(await samples(registry)).toMatchObject({ [taken('handled')]: '0' })
  })
})
