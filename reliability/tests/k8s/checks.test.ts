import { checks } from '../../k8s/checks'
import { localManifests } from '../../k8s/local-manifests'
import { ofKind, workloadsOf, type Manifest } from '../../k8s/manifest'
import { brokenConnections } from '../support/broken-connections'
import { brokenPods } from '../support/broken-pods'
import type { Objects } from '../support/edit-manifests'

const mutants = [...brokenPods, ...brokenConnections]

test.each(Object.entries(checks))('the overlay `local` passes: %s', (_name, faultsOf) => {
  expect(faultsOf(localManifests())).toEqual([])
})

test.each(mutants)('a broken copy is refused: %s (%s)', (name, complaint, breakIt) => {
  const objects = structuredClone(localManifests()) as Objects
  breakIt(objects)
  expect(checks[name](objects as Manifest[]).join('\n')).toContain(complaint)
})

test('each check has a broken copy that it refuses', () => {
  const proven = new Set<string>(mutants.map(([name]) => name))
  expect(Object.keys(checks).filter((name) => !proven.has(name))).toEqual([])
})

test('the overlay `local` has what the other tests look at', () => {
  const names = workloadsOf(localManifests()).map(({ name }) => name)
  expect(names.sort()).toEqual(['gateway', 'order-service', 'postgres', 'rabbitmq', 'user-service'])
  expect(ofKind(localManifests(), 'NetworkPolicy')).toHaveLength(9)
})
