import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@tandem/chassis/database/open'
import type { Database } from '@tandem/chassis/database/database'
import type { Migration } from '@tandem/chassis/database/migrations'
import { realSystem, type System } from '@tandem/chassis/system'

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

/** A real database of its own for the test, in `folder`; closed and gone afterwards. */
export async function temporaryDatabase(
  migrations: readonly Migration[],
  { system = realSystem, folder = temporaryFolder() }: { system?: Pick<System, 'afterTurn'>; folder?: string } = {},
): Promise<Database> {
  const database = await openDatabase({
    url: 'sqlite:test.db',
    root: folder,
    migrations,
    system: { ...realSystem, ...system },
  })
  let closed = false
  const close = async () => {
    if (!closed) await database.close()
    closed = true
  }
  afterThisTest(close)
  return { ...database, close }
}

/** Waits until the condition holds; fails after five seconds. */
export async function eventually<T>(condition: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = performance.now() + 5000
  for (;;) {
    const found = await condition()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`it did not happen within 5 s: ${condition.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
