import fc from 'fast-check'
import { guards } from './guards'
import { runStory, type Outcome } from './run-story'
import { stories, type Story } from './story'

/** The story of a seed: always the same one. */
export function storyOf(seed: number): Story {
  const [story] = fc.sample(stories, asIn(seed))
  if (story === undefined) throw new Error('no story was made')
  return story
}

/** What comes of the story of a seed, with all guards or without one of them. */
export function runSeed(seed: number, without?: string): Promise<Outcome> {
  return runStory(storyOf(seed), sabotageOf(without))
}

/** The shortest story found within the time that still fails, from the one of the seed. */
export async function shortestFailure(
  seed: number,
  withinMs: number,
  without?: string,
): Promise<{ story: Story; outcome: Outcome }> {
  const sabotage = sabotageOf(without)
  const isFine = async (story: Story) => (await runStory(story, sabotage)).findings.length === 0
  const { counterexample } = await fc.check(fc.asyncProperty(stories, isFine), {
    ...asIn(seed),
    interruptAfterTimeLimit: withinMs,
  })
  const story = counterexample?.[0] ?? storyOf(seed)
  return { story, outcome: await runStory(story, sabotage) }
}

function asIn(seed: number) {
  return { seed, numRuns: 1, unbiased: true } // with a bias the first story made of a seed is a short one
}

function sabotageOf(guard: string | undefined) {
  if (guard === undefined) return undefined
  const sabotage = guards[guard]
  if (sabotage === undefined) throw new Error(`unknown guard: ${guard}; choose from ${Object.keys(guards).join(', ')}`)
  return sabotage
}
