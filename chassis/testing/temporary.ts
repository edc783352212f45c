import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type CleanUp = () => unknown
const cleanUps: CleanUp[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** Done after the test, the last one first. */
export function afterThisTest(cleanUp: CleanUp): void {
  cleanUps.push(cleanUp)
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'))
  afterThisTest(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** Waits until the condition holds; fails after five seconds, unless it is given more. */
export async function eventually<T>(
  condition: () => Promise<T | undefined> | T | undefined,
  withinMs = 5000,
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await condition()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end)
      throw new Error(`it did not happen within ${withinMs / 1000} s: ${condition.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
