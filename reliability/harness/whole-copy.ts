import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './compose-stack'

/** Runs with a copy of the repository as after `npm ci`, with packages of its own, as npm changes them. */
export async function withWholeCopy(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'))
  try {
    for (const name of readdirSync(root).filter((it) => !/^(\.git|data|backup)$/.test(it))) {
      cpSync(join(root, name), join(folder, name), {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
      })
    }
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
