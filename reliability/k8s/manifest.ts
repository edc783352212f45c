/** What the checks read of an object of Kubernetes. Its schema says what else there may be. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Labels }
  data?: Readonly<Record<string, string>>
  automountServiceAccountToken?: boolean
  spec?: Spec
}

export type Labels = Readonly<Record<string, string>>

export interface Selector {
  matchLabels?: Labels
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[]
}

export interface Spec {
  template?: { metadata: { labels?: Labels }; spec: PodSpec }
  selector?: Selector | Labels
  strategy?: { rollingUpdate?: { maxUnavailable?: number | string } }
  ports?: readonly { name?: string; port: number; targetPort?: number | string }[]
  clusterIP?: string
  scaleTargetRef?: { kind: string; name: string }
  podSelector?: Selector
  policyTypes?: readonly string[]
  ingress?: readonly Allowance[]
  egress?: readonly Allowance[]
  rules?: readonly {
    http?: { paths: readonly { backend: { service: { name: string; port: { name?: string; number?: number } } } }[] }
    backendRefs?: readonly { name: string; port?: number }[]
  }[]
  volumeClaimTemplates?: readonly { metadata: { name: string } }[]
}

export interface Allowance {
  from?: readonly Peer[]
  to?: readonly Peer[]
  ports?: readonly { protocol?: string; port?: number | string }[]
}

export interface Peer {
  podSelector?: Selector
  namespaceSelector?: Selector
  ipBlock?: { cidr: string }
}

export interface PodSpec {
  serviceAccountName?: string
  automountServiceAccountToken?: boolean
  terminationGracePeriodSeconds?: number
  hostNetwork?: boolean
  hostPID?: boolean
  hostIPC?: boolean
  securityContext?: SecurityContext
  topologySpreadConstraints?: readonly { labelSelector?: Selector }[]
  containers: readonly Container[]
  initContainers?: readonly Container[]
  volumes?: readonly Volume[]
}

export interface SecurityContext {
  runAsNonRoot?: boolean
  runAsUser?: number
  runAsGroup?: number
  privileged?: boolean
  allowPrivilegeEscalation?: boolean
  readOnlyRootFilesystem?: boolean
  capabilities?: { drop?: readonly string[]; add?: readonly string[] }
  seccompProfile?: { type: string }
}

export interface Container {
  name: string
  image: string
  command?: readonly string[]
  args?: readonly string[]
  env?: readonly { name: string; value?: string; valueFrom?: unknown }[]
  envFrom?: readonly { configMapRef?: { name: string }; secretRef?: { name: string } }[]
  ports?: readonly { name?: string; containerPort: number; hostPort?: number }[]
  startupProbe?: Probe
  readinessProbe?: Probe
  livenessProbe?: Probe
  lifecycle?: { preStop?: { sleep?: { seconds: number }; exec?: { command: readonly string[] } } }
  resources?: { requests?: Amounts; limits?: Amounts }
  securityContext?: SecurityContext
  volumeMounts?: readonly { name: string; mountPath: string }[]
}

export interface Amounts {
  cpu?: string | number
  memory?: string
}

export interface Probe {
  httpGet?: { path: string; port: string | number }
  exec?: { command: readonly string[] }
  periodSeconds?: number
  timeoutSeconds?: number
  failureThreshold?: number
}

export interface Volume {
  name: string
  emptyDir?: { medium?: string; sizeLimit?: string }
  secret?: { secretName: string }
  configMap?: { name: string }
  persistentVolumeClaim?: { claimName: string }
}

/** A Deployment or a StatefulSet. */
export interface Workload {
  name: string
  kind: string
  labels: Labels
  pod: PodSpec
  spec: Spec
}

export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests.flatMap(({ kind, metadata, spec }) =>
    spec?.template
      ? [{ name: metadata.name, kind, labels: spec.template.metadata.labels ?? {}, pod: spec.template.spec, spec }]
      : [],
  )
}

export function containersOf({ pod }: Workload): Container[] {
  return [...(pod.initContainers ?? []), ...pod.containers]
}

export function ofKind(manifests: readonly Manifest[], ...kinds: string[]): Manifest[] {
  return manifests.filter(({ kind }) => kinds.includes(kind))
}

export function selects(selector: Selector, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => operator === 'In' && values?.includes(labels[key] ?? ''))
  )
}

/** A container's variables, those of its ConfigMaps included. */
export function variablesOf(container: Container, manifests: readonly Manifest[]): Map<string, string> {
  const maps = (container.envFrom ?? []).map(({ configMapRef }) =>
    ofKind(manifests, 'ConfigMap').find(({ metadata }) => metadata.name === configMapRef?.name),
  )
  const named = (container.env ?? []).map(({ name, value = '' }): [string, string] => [name, value])
  return new Map([...maps.flatMap((map) => Object.entries(map?.data ?? {})), ...named])
}
