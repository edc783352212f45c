import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { root } from '../harness/compose-stack'
import { manifestsIn } from './kustomize'
import type { Manifest } from './manifest'

interface Generator {
  name: string
  literals?: string[]
  files?: string[]
}

interface Kustomization {
  namespace?: string
  resources?: string[]
  configMapGenerator?: Generator[]
  secretGenerator?: Generator[]
  images?: { name: string; newTag: string }[]
}

/** The overlay `local`, as kustomize builds it but for the hashes in names, for tests that run without kustomize. */
export function localManifests(): Manifest[] {
  return read(join(root, 'k8s/overlays/local')).map((manifest) =>
    manifest.kind === 'Namespace' ? manifest : { ...manifest, metadata: { ...manifest.metadata, namespace: 'tandem' } },
  )
}

function read(folder: string): Manifest[] {
  const kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as Kustomization
  let manifests: Manifest[] = []
  for (const resource of kustomization.resources ?? []) {
    const path = join(folder, resource)
    manifests.push(...(resource.endsWith('.yaml') ? manifestsIn(readFileSync(path, 'utf8')) : read(path)))
  }
  for (const { name, newTag } of kustomization.images ?? [])
    manifests = JSON.parse(JSON.stringify(manifests).replaceAll(`"${name}"`, `"${name}:${newTag}"`)) as Manifest[]
  const generate = (kind: string, { name, literals = [], files = [] }: Generator) => {
    const known = manifests.find((it) => it.kind === kind && it.metadata.name === name)
    const entries = literals.map((literal) => literal.split(/=(.*)/s, 2) as [string, string]) // the `=` is always there
    const data = Object.fromEntries([...entries, ...files.map((file) => [basename(file), ''] as const)])
    if (known) known.data = { ...known.data, ...data }
    else manifests.push({ apiVersion: 'v1', kind, metadata: { name }, data })
  }
  for (const generator of kustomization.configMapGenerator ?? []) generate('ConfigMap', generator)
  for (const generator of kustomization.secretGenerator ?? []) generate('Secret', generator)
  return manifests
}
