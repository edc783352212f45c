import { guards } from '../../simulation/guards'
import { Life, Machine } from '../../simulation/life'
import { runStory } from '../../simulation/run-story'
import { runSeed, shortestFailure, storyOf } from '../../simulation/seeds'
import { World } from '../../simulation/world'

/** The first seed whose story is noticed to lack the guard. */
async function noticed(guard: string): Promise<number> {
  for (let seed = 1; seed <= 100; seed++) {
    if ((await runSeed(seed, guard)).findings.length > 0) return seed
  }
  throw new Error(`nothing was noticed without ${guard}`)
}

describe('the story of a seed', () => {
  it('happens in the same way each time, to the last line', async () => {
    const [first, again] = [await runSeed(3), await runSeed(3)]
    expect(first.trace).toEqual(again.trace)
    expect(first.traceHash).toBe(again.traceHash)
    expect(first.trace.length).toBeGreaterThan(10)
  })

  it('is another one than that of the next seed', async () => {
    expect((await runSeed(3)).traceHash).not.toBe((await runSeed(4)).traceHash)
  })

  it('leaves nothing for the audit to find, whatever goes wrong in it', async () => {
    for (let seed = 1; seed <= 10; seed++) expect(await runSeed(seed)).toMatchObject({ findings: [] })
  })
})

describe('without a guard', () => {
  it('a story that fails is found, and a shorter one that fails too', async () => {
    const seed = await noticed('key-uniqueness')
    const { story, outcome } = await shortestFailure(seed, 2_000, 'key-uniqueness')
    expect(outcome.findings).not.toEqual([])
    expect(JSON.stringify(story).length).toBeLessThan(JSON.stringify(storyOf(seed)).length)
    expect(await runStory(story)).toMatchObject({ findings: [] }) // it is the guard that it lacks
  })

  it('what it guards against is noticed by its name', async () => {
    expect((await runSeed(await noticed('conditional-update'), 'conditional-update')).findings.join()).toContain(
      'credit',
    )
    expect(Object.keys(guards)).toHaveLength(7)
  })

  it('nothing runs where the guard does not exist', async () => {
    expect(() => runSeed(1, 'no-such-guard')).toThrow('unknown guard')
  })
})

describe('a process that was killed', () => {
  it('hears of no timer and of no turn that it waited for', async () => {
    const world = new World(1)
    const life = new Life(world, new Machine(world, '1'))
    const heard: string[] = []
    life.setTimeout(() => heard.push('early'), 10)
    life.setTimeout(() => heard.push('late'), 30)
    world.after(20, () => {
      life.afterTurn(() => heard.push('turn'))
      life.alive = false
    })
    await world.runUntil(100)
    expect(heard).toEqual(['early'])
  })
})
