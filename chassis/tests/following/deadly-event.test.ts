import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { chassisMigrations } from '@tandem/chassis/database/chassis-migrations'
import { effectsMigration } from '../../testing/effects'
import { afterThisTest, eventually, temporaryFolder } from '../../testing/temporary'
import { temporaryDatabase } from '../../testing/temporary-database'
import { following, storedBy } from '../../testing/test-follower'
import { settled } from '../../testing/virtual-system'

interface Life {
  atFirst: string[]
  later?: string[]
  /** The event at which it ends. */
  deadly?: string
}

/** Lets a process follow the feed until it dies, or until it has taken `last`. Returns whether it died. */
async function live(folder: string, { atFirst, later = [], deadly }: Life, last: string): Promise<boolean> {
  const child = fork(join(__dirname, '../../testing/mortal-follower.ts'), {
    cwd: join(__dirname, '../..'),
    execArgv: ['-C', 'development', '-r', join(__dirname, '../../testing/run-typescript.cjs')],
    env: { ...process.env, FOLDER: folder, DEADLY: deadly, AT_FIRST: atFirst.join(), LATER: later.join() },
  })
  afterThisTest(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  const tookLast = new Promise<false>((resolve) => {
    child.on('message', (name) => {
      if (name === last) resolve(false)
    })
  })
  const died = await Promise.race([exited.then(() => true), tookLast])
  child.kill('SIGKILL')
  await exited
  return died
}

/** Starts the process again and again, as Compose does. Returns how often it died. */
async function deathsUntilSurvival(folder: string, life: Life, last: string): Promise<number> {
  for (let deaths = 0; deaths < 10; deaths++) if (!(await live(folder, life, last))) return deaths
  throw new Error('the process dies in each life')
}

async function stored(folder: string) {
  const database = await temporaryDatabase([...chassisMigrations, effectsMigration], { folder })
  const parked = await database.read.all<{ error: string }>('SELECT error FROM parked_events')
  const { effects } = await storedBy(database)
  await database.close()
  return { effects, errors: parked.map(({ error }) => error) }
}

describe('An event that ends the process', () => {
  const errors = ['the process has died 2 times while it handled this event']

  it('is parked when it has done so twice by itself, and those before and behind it take effect once', async () => {
    const folder = temporaryFolder()
    const life = { atFirst: ['a', 'b', 'deadly', 'c'], deadly: 'deadly' }
    expect(await deathsUntilSurvival(folder, life, 'c')).toBe(3) // the first time with its page
    expect(await stored(folder)).toEqual({ effects: ['a', 'b', 'c'], errors })
  })

  it('is parked also if it is the first event, or comes in the midst of a life', async () => {
    const [first, later] = [temporaryFolder(), temporaryFolder()]
    expect(await deathsUntilSurvival(first, { atFirst: ['deadly', 'c'], deadly: 'deadly' }, 'c')).toBe(3)
    expect(await stored(first)).toEqual({ effects: ['c'], errors })
    const life = { atFirst: ['a'], later: ['deadly', 'c'], deadly: 'deadly' }
    expect(await deathsUntilSurvival(later, life, 'c')).toBe(4)
    expect(await stored(later)).toEqual({ effects: ['a', 'c'], errors })
  })

  it('is one event of two that do, and both are parked', async () => {
    const folder = temporaryFolder()
    const life = { atFirst: ['a', 'deadly', 'deadly', 'c'], deadly: 'deadly' }
    await deathsUntilSurvival(folder, life, 'c')
    expect(await stored(folder)).toEqual({ effects: ['a', 'c'], errors: [...errors, ...errors] })
  })

  it('takes effect once if the process survives it the next time', async () => {
    const folder = temporaryFolder()
    const atFirst = ['a', 'b', 'unlucky', 'c']
    for (let lives = 0; lives < 2; lives++) expect(await live(folder, { atFirst, deadly: 'unlucky' }, 'c')).toBe(true)
    expect(await live(folder, { atFirst }, 'c')).toBe(false)
    expect(await stored(folder)).toEqual({ effects: atFirst, errors: [] })
  })
})

describe('A follower that finds that an earlier life has begun its first page', () => {
  async function afterADeath() {
    const things = await following()
    const ids = await things.feed.happen('a', 'b', 'c')
    await things.database.write((tx) => tx.run("INSERT INTO tried_events VALUES ('things', ?, 0)", ids[0]!))
    const tries = () => things.database.read.all('SELECT event_id AS id, lives FROM tried_events')
    return { ...things, ids, tries }
  }

  it('takes the events of that page one by one, and those of the next one together', async () => {
    const { feed, follower, database, ids, stored: found } = await afterADeath()
    const positions: unknown[] = []
    database.onCommit(() => {
      void found().then(({ position }) => positions.push(position))
    })
    follower.start()
    await eventually(async () => (await found()).position === ids[2])
    await settled()
    expect([...new Set(positions)]).toEqual([undefined, ...ids])
    positions.length = 0
    const later = await feed.happen('d', 'e')
    await settled()
    expect(positions).toEqual([later[1]])
  })

  it('does not count a life that stops before the event took effect', async () => {
    const { follower, system, faults, tries, ids } = await afterADeath()
    faults.set('a', new Error('on purpose'))
    follower.start()
    await system.pass(300)
    expect(await tries()).toEqual([{ id: ids[0], lives: 1 }])
    await follower.stop()
    expect(await tries()).toEqual([])
  })

  it('counts a life once, however often the database fails in it', async () => {
    const { follower, system, stepIn, tries, ids, tried } = await afterADeath()
    stepIn.beforeCommit = () => {
      if (tried.length > 0) throw Object.assign(new Error('disk full'), { errcode: 13 })
    }
    follower.start()
    await system.pass(30_000)
    expect(tried.length).toBeGreaterThan(3)
    expect(await tries()).toEqual([{ id: ids[0], lives: 1 }])
  })
})
