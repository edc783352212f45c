import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** The workspaces that have this file, `src/main.ts` for one, in the order of package.json. */
export function workspacesWith(file) {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return workspaces.filter((folder) => existsSync(join(root, folder, file)))
}
