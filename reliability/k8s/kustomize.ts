import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OperatorError } from '@tandem/chassis/failure'
import { parseAllDocuments } from 'yaml'
import { root } from '../harness/compose-stack'
import type { Manifest } from './manifest'

export interface Overlay {
  name: string
  manifests: readonly Manifest[]
}

/** Builds every overlay, in a copy with secrets of its own: those of the repository's folder are left alone. */
export function buildOverlays(): Overlay[] {
  const copy = mkdtempSync(join(tmpdir(), 'tandem-k8s-'))
  try {
    for (const folder of ['k8s', 'scale'])
      cpSync(join(root, folder), join(copy, folder), {
        recursive: true,
        filter: (path) => !path.endsWith('/local/secrets'),
      })
    execFileSync('sh', ['scale/make-secrets.sh', 'k8s/overlays/local/secrets'], { cwd: copy })
    const overlays = join(copy, 'k8s/overlays')
    return readdirSync(overlays).map((name) => ({ name, manifests: manifestsIn(build(join(overlays, name))) }))
  } finally {
    rmSync(copy, { recursive: true })
  }
}

function build(folder: string): string {
  try {
    return execFileSync('kustomize', ['build', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string } // as execFileSync throws
    if (code === 'ENOENT')
      throw new OperatorError('kustomize is missing: install it, on Debian with apt-get install kustomize')
    throw new OperatorError(`kustomize cannot build ${folder}: ${stderr?.trim()}`)
  }
}

export function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0]) throw document.errors[0]
    return document.toJS() as Manifest // its schema is checked as the first thing
  })
}
