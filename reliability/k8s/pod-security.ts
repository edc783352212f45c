import { containersOf, ofKind, workloadsOf, type Manifest } from './manifest'

const volumeTypes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

// The rules of the Pod Security Standard `restricted`, and those of `baseline` that it includes and that could be broken here.

export function runsAsRoot(manifests: readonly Manifest[]): string[] {
  return workloadsOf(manifests).flatMap((workload) => {
    const { name, pod } = workload
    const isRoot = [pod, ...containersOf(workload)].some(
      ({ securityContext: it }) => it?.runAsUser === 0 || it?.runAsNonRoot === false,
    )
    return pod.securityContext?.runAsNonRoot === true && !isRoot ? [] : [`${name} may run as root`]
  })
}

export function hasNoSeccomp(manifests: readonly Manifest[]): string[] {
  return workloadsOf(manifests).flatMap((workload) => {
    const { name, pod } = workload
    const types = containersOf(workload).map(
      (it) => (it.securityContext?.seccompProfile ?? pod.securityContext?.seccompProfile)?.type,
    )
    return types.every((type) => type === 'RuntimeDefault') ? [] : [`${name} has no seccomp profile`]
  })
}

export function mayEscalate(manifests: readonly Manifest[]): string[] {
  return eachContainer(manifests, ({ securityContext: it }) =>
    it?.allowPrivilegeEscalation === false && it.privileged !== true ? [] : ['may get more privileges'],
  )
}

export function hasCapabilities(manifests: readonly Manifest[]): string[] {
  return eachContainer(manifests, ({ securityContext: it }) =>
    it?.capabilities?.drop?.includes('ALL') && (it.capabilities.add ?? []).length === 0 ? [] : ['has capabilities'],
  )
}

export function hasOtherVolumes(manifests: readonly Manifest[]): string[] {
  return workloadsOf(manifests).flatMap(({ name, pod }) =>
    (pod.volumes ?? []).flatMap(({ name: volume, ...type }) =>
      Object.keys(type).every((it) => volumeTypes.includes(it)) ? [] : [`${name}: ${volume} is of a forbidden type`],
    ),
  )
}

export function usesHost(manifests: readonly Manifest[]): string[] {
  const namespaces = workloadsOf(manifests).flatMap(({ name, pod }) =>
    pod.hostNetwork || pod.hostPID || pod.hostIPC ? [`${name} shares a namespace of its node`] : [],
  )
  const ports = eachContainer(manifests, (container) =>
    container.ports?.some(({ hostPort }) => hostPort !== undefined) ? ['has a port of its node'] : [],
  )
  return [...namespaces, ...ports]
}

export function isNotEnforced(manifests: readonly Manifest[]): string[] {
  const labels = ofKind(manifests, 'Namespace').map(({ metadata }) => metadata.labels ?? {})
  const enforced = labels.map((it) => it['pod-security.kubernetes.io/enforce'])
  const placed = manifests.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'tandem')
  return [
    ...(enforced.join() === 'restricted' ? [] : ['the namespace does not enforce the standard `restricted`']),
    ...placed.map(({ kind, metadata }) => `${kind} ${metadata.name} is not in the namespace`),
  ]
}

/** Beyond the standard, and as in Compose. */
export function isNotHardened(manifests: readonly Manifest[]): string[] {
  const containers = eachContainer(manifests, ({ securityContext, resources, image }) => [
    ...(securityContext?.readOnlyRootFilesystem ? [] : ['can write to its root']),
    ...(resources?.limits?.memory && resources.requests?.memory && resources.requests.cpu
      ? []
      : ['lacks a limit or a request']),
    ...(/:(?!latest$)[\w.-]+$|@sha256:/.test(image) ? [] : [`has the image ${image}, which names no version`]),
  ])
  const tokens = workloadsOf(manifests).flatMap(({ name, pod }) =>
    pod.automountServiceAccountToken === false ? [] : [`${name} has a token for the API of the cluster`],
  )
  const accounts = ofKind(manifests, 'ServiceAccount').flatMap((it) =>
    it.automountServiceAccountToken === false ? [] : [`ServiceAccount ${it.metadata.name} gives a token`],
  )
  return [...containers, ...tokens, ...accounts]
}

function eachContainer(
  manifests: readonly Manifest[],
  faultsOf: (container: ReturnType<typeof containersOf>[number]) => string[],
): string[] {
  return workloadsOf(manifests).flatMap((workload) =>
    containersOf(workload).flatMap((container) => faultsOf(container).map((fault) => `${container.name} ${fault}`)),
  )
}
