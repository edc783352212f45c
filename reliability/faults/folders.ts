import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let all: string | undefined

/** A folder for what a part of the run writes down. */
export function newFolder(): string {
  all ??= mkdtempSync(join(tmpdir(), 'tandem-faults-'))
  return mkdtempSync(join(all, 'part-'))
}

/** For the end of the process: what is left where a part did not come to its own end. */
export function removeFolders(): void {
  if (all !== undefined) rmSync(all, { recursive: true, force: true })
}
