import { allowed, differencesOf, inequalities } from '../../k8s/equality'
import { localManifests } from '../../k8s/local-manifests'
import { workloadsOf, type Container, type PodSpec } from '../../k8s/manifest'

test('docker-compose.scale.yml and k8s differ only in what is listed, with its reason', () => {
  expect(inequalities(localManifests())).toEqual([])
})

type Change = (container: Container & { image: string }, pod: PodSpec) => object

// Each of these is merged into the container of a workload, or into its pod.
test.each<[what: string, workload: string, change: Change]>([
  ['variable LOG_LEVEL', 'user-service', (it) => Object.assign(it, { env: [{ name: 'LOG_LEVEL', value: 'debug' }] })],
  ['image', 'postgres', (it) => Object.assign(it, { image: 'postgres:16' })],
  ['entrypoint', 'rabbitmq', (it) => Object.assign(it, { command: ['sh'] })],
  ['command', 'postgres', (it) => Object.assign(it, { args: ['postgres'] })],
  ['user', 'gateway', (it) => Object.assign(it, { securityContext: { ...it.securityContext, runAsUser: 1001 } })],
  ['port', 'order-service', (it) => Object.assign(it, { ports: [{ containerPort: 3003 }] })],
  ['read-only root', 'gateway', (it) => Object.assign(it.securityContext!, { readOnlyRootFilesystem: false })],
  ['dropped capabilities', 'gateway', (it) => Object.assign(it.securityContext!, { capabilities: {} })],
  ['memory', 'rabbitmq', (it) => Object.assign(it.resources!.limits!, { memory: '1Gi' })],
  ['processors', 'rabbitmq', (it) => Object.assign(it.resources!.limits!, { cpu: 2 })],
  ['stop', 'postgres', (_it, pod) => Object.assign(pod, { terminationGracePeriodSeconds: 30 })],
  ['health check', 'user-service', (it) => Object.assign(it.readinessProbe!, { httpGet: { path: '/', port: 3000 } })],
  ['health check', 'postgres', (it) => Object.assign(it.readinessProbe!, { exec: { command: ['sh', '-c', 'true'] } })],
  ['health check times', 'gateway', (it) => Object.assign(it.readinessProbe!, { periodSeconds: 30 })],
])('another %s of %s than in Compose is noticed', (what, name, change) => {
  const manifests = structuredClone(localManifests())
  const { pod } = workloadsOf(manifests).find((it) => it.name === name)!
  change(pod.containers[0]!, pod)
  expect(inequalities(manifests)).toEqual([expect.stringContaining(`${name}, ${what}: `)])
})

test('a container that is in one of them only is noticed, and so is a difference that is no longer there', () => {
  const manifests = localManifests().filter(
    ({ kind, metadata }) => kind !== 'StatefulSet' || metadata.name !== 'rabbitmq',
  )
  expect(inequalities(manifests)).toEqual([
    'rabbitmq: there in Compose, missing here',
    'rabbitmq, start: no difference any more',
  ])
})

test('each difference that is allowed is there, and has a reason', () => {
  const found = differencesOf(localManifests()).map(({ where }) => where)
  expect(Object.keys(allowed).sort()).toEqual(found.sort())
  expect(Object.values(allowed).every((reason) => reason.length > 7)).toBe(true)
})
