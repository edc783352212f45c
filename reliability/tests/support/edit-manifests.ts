import type { CheckName } from '../../k8s/checks'
import type { Manifest } from '../../k8s/manifest'

type Editable<T> = T extends object ? { -readonly [key in keyof T]-?: Editable<NonNullable<T[key]>> } : T
export type Objects = Editable<Manifest>[]

export const manifest = (objects: Objects, kind: string, name: string) =>
  objects.find((it) => it.kind === kind && it.metadata.name === name)!
export const deployment = (objects: Objects, name = 'user-service') => manifest(objects, 'Deployment', name).spec
export const pod = (objects: Objects, name?: string) => deployment(objects, name).template.spec
export const container = (objects: Objects, name?: string) => pod(objects, name).containers[0]!
export const policy = (objects: Objects, name: string) => manifest(objects, 'NetworkPolicy', name).spec
export const config = (objects: Objects, name = 'user-service') => manifest(objects, 'ConfigMap', name).data
export const remove = (objects: Objects, kind: string, name: string) =>
  objects.splice(objects.indexOf(manifest(objects, kind, name)), 1)

/** The check that must notice it, what it must say, and what breaks one thing. */
export type Mutant = [CheckName, string, (objects: Objects) => void]
