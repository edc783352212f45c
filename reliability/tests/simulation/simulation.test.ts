import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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

describe('The story of a seed', () => {
  it('happens the same way each time, to the last line', async () => {
    const [first, again] = [await runSeed(3), await runSeed(3)]
    expect(first.trace).toEqual(again.trace)
    expect(first.traceHash).toBe(again.traceHash)
    expect(first.trace.length).toBeGreaterThan(10)
  })

  it('differs from that of the next seed', async () => {
    expect((await runSeed(3)).traceHash).not.toBe((await runSeed(4)).traceHash)
  })

  it('leaves no findings, whatever goes wrong in it', async () => {
    for (let seed = 1; seed <= 10; seed++) expect(await runSeed(seed)).toMatchObject({ findings: [] })
  })

  it('has, as those of others do, holds that share a request', async () => {
    const stories = [await runSeed(1), await runSeed(2), await runSeed(3), await runSeed(4)]
    expect(stories.flatMap(({ trace }) => trace).join()).toMatch(/POST \/holds: 200/)
  })
})

describe('The simulation without a guard', () => {
  it('finds a failing story, and a shorter one', async () => {
    const seed = await noticed('key-uniqueness')
    const { story, outcome } = await shortestFailure(seed, 2_000, 'key-uniqueness')
    expect(outcome.findings).not.toEqual([])
    expect(JSON.stringify(story).length).toBeLessThan(JSON.stringify(storyOf(seed)).length)
    expect(await runStory(story)).toMatchObject({ findings: [] }) // it is the guard that it lacks
  })

  it('notices what the guard protects against', async () => {
    expect((await runSeed(await noticed('conditional-update'), 'conditional-update')).findings.join()).toContain(
      'credit',
    )
    expect(Object.keys(guards)).toHaveLength(7)
  })

  it('has a finding in the story that the README and the docs show', async () => {
    const shown = ['README.md', 'README.zh-CN.md', 'docs/reliability.md'].flatMap((file) => {
      const text = readFileSync(join(__dirname, '../../..', file), 'utf8')
      return [...text.matchAll(/--trace (\d+) --without ([a-z-]+)/g)].map(([, seed, guard]) => ({ seed, guard }))
    })
    expect(shown).toHaveLength(3)
    for (const { seed, guard } of shown) {
      expect((await runSeed(Number(seed), guard)).findings.join()).toContain('hold-of-ended-order')
    }
  })

  it('refuses to run for an unknown guard', async () => {
    expect(() => runSeed(1, 'no-such-guard')).toThrow('unknown guard')
  })
})

describe('A killed process', () => {
  it('gets no call from a timer or turn that it waited for', async () => {
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
