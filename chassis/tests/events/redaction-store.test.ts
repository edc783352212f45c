import type { Database } from '@tandem/chassis/database/database'
import { beginRedaction, endRedaction, nextRedaction, redact, redactSome } from '@tandem/chassis/events/redaction-store'
import { connectedReader, feedOfThings } from '../../testing/feed-of-things'

const readAll = { after: 0, limit: 100 }

async function namesInLog({ read }: Database): Promise<unknown[]> {
  const rows = await read.all<{ data: string }>('SELECT data FROM events ORDER BY sequence')
  return rows.map(({ data }) => (JSON.parse(data) as { name: unknown }).name)
}

async function thingsBeingRedacted() {
  const things = await feedOfThings()
  const { feed, database, system, happen } = things
  await happen('a', 'b', 'a', 'a', 'b', 'a', 'a')
  await database.write((tx) => beginRedaction(tx, system, 'a', ['name']))
  const shown = async () => {
    const { json } = await feed.read(readAll, 0, connectedReader())
    return (JSON.parse(json) as { data: { name: unknown } }[]).map(({ data }) => data.name)
  }
  const redactTwo = () => database.write((tx) => redactSome(tx, 'a', 2))
  return { ...things, shown, redactTwo }
}

describe('Redacting the events of a subject', () => {
  const allRedacted = [null, 'b', null, null, 'b', null, null]

  it('shows nulls from the first commit on, while the log still has the data', async () => {
    const { database, shown, redactTwo } = await thingsBeingRedacted()
    expect(await namesInLog(database)).toEqual(['a', 'b', 'a', 'a', 'b', 'a', 'a'])
    expect(await shown()).toEqual(allRedacted)
    await redactTwo()
    expect(await shown()).toEqual(allRedacted)
  })

  it('no longer serves a page that was made before', async () => {
    const { feed, database, system, happen } = await feedOfThings()
    await happen('a')
    expect((await feed.read(readAll, 0, connectedReader())).json).toContain('"name":"a"')
    await database.write((tx) => beginRedaction(tx, system, 'a', ['name']))
    expect((await feed.read(readAll, 0, connectedReader())).json).toContain('"name":null')
  })

  it('changes the log page by page, oldest first, and no other subject', async () => {
    const { database, redactTwo } = await thingsBeingRedacted()
    expect(await redactTwo()).toBe(false)
    expect(await namesInLog(database)).toEqual([null, 'b', null, 'a', 'b', 'a', 'a'])
    expect(await redactTwo()).toBe(false)
    expect(await redactTwo()).toBe(true)
    expect(await namesInLog(database)).toEqual(allRedacted)
  })

  it('is unfinished until its last page', async () => {
    const { database } = await thingsBeingRedacted()
    expect(await nextRedaction(database.read)).toBe('a')
    await database.write((tx) => endRedaction(tx, 'a'))
    expect(await nextRedaction(database.read)).toBeUndefined()
  })
})

describe('The redacted data of an event', () => {
  it('has null for each redacted member, and is otherwise unchanged', () => {
    expect(redact('{"id":"1","name":"Ada","version":2}', '["name","email"]')).toBe('{"id":"1","name":null,"version":2}')
  })
})
