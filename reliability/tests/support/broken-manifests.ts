import type { CheckName } from '../../k8s/checks'
import type { Manifest } from '../../k8s/manifest'

type Editable<T> = T extends object ? { -readonly [key in keyof T]-?: Editable<NonNullable<T[key]>> } : T
export type Objects = Editable<Manifest>[]

const manifest = (objects: Objects, kind: string, name: string) =>
  objects.find((it) => it.kind === kind && it.metadata.name === name)!
const deployment = (objects: Objects, name = 'user-service') => manifest(objects, 'Deployment', name).spec
const pod = (objects: Objects, name?: string) => deployment(objects, name).template.spec
const container = (objects: Objects, name?: string) => pod(objects, name).containers[0]!
const policy = (objects: Objects, name: string) => manifest(objects, 'NetworkPolicy', name).spec
const config = (objects: Objects, name = 'user-service') => manifest(objects, 'ConfigMap', name).data
const remove = (objects: Objects, kind: string, name: string) =>
  objects.splice(objects.indexOf(manifest(objects, kind, name)), 1)

/** Breaks one thing; the check that must notice it, and what it must say. */
export const mutants: [CheckName, string, (objects: Objects) => void][] = [
  [
    'each object is valid, and has no property that its schema does not have',
    'maxReplicas',
    (it) => Object.assign(manifest(it, 'HorizontalPodAutoscaler', 'gateway').spec, { maxReplicas: 2.5 }),
  ],
  [
    'each object is valid, and has no property that its schema does not have',
    'imagePolicy',
    (it) => Object.assign(container(it), { imagePolicy: 'Always' }),
  ],
  [
    'each object is valid, and has no property that its schema does not have',
    "'number'",
    (it) => Object.assign(deployment(it), { minReadySeconds: '5' }),
  ],
  [
    'each object is valid, and has no property that its schema does not have',
    '"strategy"',
    (it) => Object.assign(pod(it), { strategy: {} }),
  ],
  [
    'each object is valid, and has no property that its schema does not have',
    'autoscaling/v3',
    (it) => void (manifest(it, 'HorizontalPodAutoscaler', 'gateway').apiVersion = 'autoscaling/v3'),
  ],
  [
    'each object is valid, and has no property that its schema does not have',
    '"template"',
    (it) => delete (deployment(it) as { template?: unknown }).template,
  ],
  [
    'no version of an API is deprecated or not stable',
    'policy/v1beta1',
    (it) => void (manifest(it, 'PodDisruptionBudget', 'gateway').apiVersion = 'policy/v1beta1'),
  ],
  [
    'no version of an API is deprecated or not stable',
    'Endpoints',
    (it) => void (manifest(it, 'Service', 'gateway').kind = 'Endpoints'),
  ],
  ['restricted: nothing runs as root', 'user-service may', (it) => void (pod(it).securityContext.runAsNonRoot = false)],
  [
    'restricted: nothing runs as root',
    'gateway may',
    (it) => void (container(it, 'gateway').securityContext.runAsUser = 0),
  ],
  [
    'restricted: seccomp is RuntimeDefault',
    'user-service',
    (it) => void (pod(it).securityContext.seccompProfile.type = 'Unconfined'),
  ],
  [
    'restricted: no way to more privileges',
    'user-service',
    (it) => void (container(it).securityContext.allowPrivilegeEscalation = true),
  ],
  [
    'restricted: no way to more privileges',
    'user-service',
    (it) => void (container(it).securityContext.privileged = true),
  ],
  [
    'restricted: all capabilities are dropped',
    'user-service',
    (it) => void (container(it).securityContext.capabilities.drop = []),
  ],
  [
    'restricted: all capabilities are dropped',
    'user-service',
    (it) => void (container(it).securityContext.capabilities.add = ['NET_ADMIN']),
  ],
  [
    'restricted: no forbidden type of volume',
    'tmp',
    (it) => void Object.assign(pod(it), { volumes: [{ name: 'tmp', hostPath: { path: '/tmp' } }] }),
  ],
  ['restricted: no namespace and no port of the node', 'namespace', (it) => void (pod(it).hostPID = true)],
  ['restricted: no namespace and no port of the node', 'port', (it) => void (container(it).ports[0]!.hostPort = 3000)],
  [
    'restricted: the namespace enforces it, and everything is in it',
    'enforce',
    (it) => void (manifest(it, 'Namespace', 'tandem').metadata.labels = {}),
  ],
  [
    'restricted: the namespace enforces it, and everything is in it',
    'Service gateway',
    (it) => void (manifest(it, 'Service', 'gateway').metadata.namespace = 'default'),
  ],
  [
    'read-only roots, requests, limits, versions of images, no tokens',
    'write',
    (it) => void (container(it).securityContext.readOnlyRootFilesystem = false),
  ],
  [
    'read-only roots, requests, limits, versions of images, no tokens',
    'limit',
    (it) => void (container(it).resources.limits = {} as never),
  ],
  [
    'read-only roots, requests, limits, versions of images, no tokens',
    'request',
    (it) => void (container(it).resources.requests = {} as never),
  ],
  [
    'read-only roots, requests, limits, versions of images, no tokens',
    'version',
    (it) => void (container(it).image = 'tandem/user-service:latest'),
  ],
  [
    'read-only roots, requests, limits, versions of images, no tokens',
    'version',
    (it) => void (container(it).image = 'tandem/user-service'),
  ],
  [
    'read-only roots, requests, limits, versions of images, no tokens',
    'token',
    (it) => void (pod(it).automountServiceAccountToken = true),
  ],
  [
    'read-only roots, requests, limits, versions of images, no tokens',
    'ServiceAccount gateway',
    (it) => void (manifest(it, 'ServiceAccount', 'gateway').automountServiceAccountToken = true),
  ],
  ['selectors select', 'own pods', (it) => void (deployment(it).template.metadata.labels = { app: 'x' })],
  [
    'selectors select',
    'own pods',
    (it) => void (pod(it).topologySpreadConstraints[0]!.labelSelector.matchLabels = { app: 'x' }),
  ],
  [
    'selectors select',
    'Service gateway',
    (it) => void (manifest(it, 'Service', 'gateway').spec.selector = { app: 'x' } as never),
  ],
  [
    'selectors select',
    'PodDisruptionBudget gateway',
    (it) =>
      void (manifest(it, 'PodDisruptionBudget', 'gateway').spec.selector = { matchLabels: { app: 'x' } } as never),
  ],
  [
    'selectors select',
    'scales nothing',
    (it) => void (manifest(it, 'HorizontalPodAutoscaler', 'gateway').spec.scaleTargetRef.name = 'x'),
  ],
  [
    'each Deployment has a disruption budget and an autoscaler',
    'PodDisruptionBudget',
    (it) => remove(it, 'PodDisruptionBudget', 'gateway'),
  ],
  [
    'each Deployment has a disruption budget and an autoscaler',
    'HorizontalPodAutoscaler',
    (it) => remove(it, 'HorizontalPodAutoscaler', 'gateway'),
  ],
  ['each Deployment is spread over nodes', 'user-service', (it) => void (pod(it).topologySpreadConstraints = [])],
  [
    'ports exist',
    'Service gateway',
    (it) => void (manifest(it, 'Service', 'gateway').spec.ports[0]!.targetPort = 'web'),
  ],
  ['ports exist', 'probe', (it) => void (container(it).livenessProbe.httpGet.port = 3001)],
  [
    'ports exist',
    'Ingress x',
    (it) =>
      void it.push({
        kind: 'Ingress',
        metadata: { name: 'x' },
        spec: { rules: [{ http: { paths: [{ backend: { service: { name: 'gateway', port: { name: 'web' } } } }] } }] },
      } as never),
  ],
  [
    'ports exist',
    'HTTPRoute x',
    (it) =>
      void it.push({
        kind: 'HTTPRoute',
        metadata: { name: 'x' },
        spec: { rules: [{ backendRefs: [{ name: 'gateway', port: 81 }] }] },
      } as never),
  ],
  [
    'ConfigMaps, Secrets, ServiceAccounts and volumes exist',
    'ConfigMap user-service',
    (it) => remove(it, 'ConfigMap', 'user-service'),
  ],
  [
    'ConfigMaps, Secrets, ServiceAccounts and volumes exist',
    'Secret postgres-secrets',
    (it) => remove(it, 'Secret', 'postgres-secrets'),
  ],
  [
    'ConfigMaps, Secrets, ServiceAccounts and volumes exist',
    'ServiceAccount user-service',
    (it) => remove(it, 'ServiceAccount', 'user-service'),
  ],
  ['ConfigMaps, Secrets, ServiceAccounts and volumes exist', 'mounts tmp', (it) => void (pod(it).volumes = [])],
  ['network policies deny by default', 'no policy', (it) => remove(it, 'NetworkPolicy', 'default-deny')],
  [
    'network policies deny by default',
    'no policy',
    (it) => void (policy(it, 'default-deny').policyTypes = ['Ingress']),
  ],
  [
    'network policies name what is there',
    'selects nothing',
    (it) => void (policy(it, 'gateway').podSelector.matchLabels = { app: 'x' }),
  ],
  [
    'network policies name what is there',
    'not there',
    (it) => void (policy(it, 'user-service').ingress[0]!.from[0]!.podSelector.matchLabels = { app: 'x' }),
  ],
  [
    'network policies name what is there',
    'port 9',
    (it) => void (policy(it, 'user-service').ingress[0]!.ports[0]!.port = 9),
  ],
  ['network policies name what is there', 'port 9', (it) => void (policy(it, 'gateway').egress[0]!.ports[0]!.port = 9)],
  ['network policies name what is there', 'every port', (it) => void (policy(it, 'rabbitmq').ingress[0]!.ports = [])],
  [
    'network policies name what is there',
    'unknown pods',
    (it) => void (policy(it, 'dns').egress[0]!.to[0]!.namespaceSelector.matchLabels = {}),
  ],
  [
    'network policies allow at both ends',
    'user-service to postgres:5432',
    (it) => remove(it, 'NetworkPolicy', 'postgres'),
  ],
  [
    'network policies allow at both ends',
    'order-service to user-service:3000',
    (it) => remove(it, 'NetworkPolicy', 'order-service'),
  ],
  [
    'startup, readiness and liveness are probed where they should be',
    '/health/ready, /health/ready, /health/ready',
    (it) => void (container(it).livenessProbe.httpGet.path = '/health/ready'),
  ],
  [
    'startup, readiness and liveness are probed where they should be',
    'lacks',
    (it) => delete (container(it, 'gateway') as { startupProbe?: unknown }).startupProbe,
  ],
  [
    'an update takes no replica away, and lets each stop in time',
    'replica less',
    (it) => void (deployment(it).strategy.rollingUpdate.maxUnavailable = 1),
  ],
  [
    'an update takes no replica away, and lets each stop in time',
    'killed',
    (it) => void (pod(it).terminationGracePeriodSeconds = 17),
  ],
  [
    'an update takes no replica away, and lets each stop in time',
    'stops serving',
    (it) => void (config(it).SHUTDOWN_DELAY_MS = '250'),
  ],
  [
    'an update takes no replica away, and lets each stop in time',
    'gateway stops serving',
    (it) => void (container(it, 'gateway').lifecycle.preStop.sleep.seconds = 0),
  ],
  [
    'each variable is one that the service reads',
    'SIGNUP_CREDIT_CENTS',
    (it) => void (config(it, 'order-service').SIGNUP_CREDIT_CENTS = '1'),
  ],
  [
    'each variable is one that the service reads',
    'LOGLEVEL',
    (it) => void Object.assign(container(it), { env: [{ name: 'LOGLEVEL', value: 'info' }] }),
  ],
  [
    'each service is given what has no default in a cluster',
    'DATABASE_URL',
    (it) => delete (config(it) as Record<string, unknown>).DATABASE_URL,
  ],
  ['no secret is shown', 'BROKER_URL', (it) => void (config(it).BROKER_URL = 'amqp://user:password@rabbitmq')],
  ['no secret is shown', 'ADMIN_KEY', (it) => void (config(it).ADMIN_KEY = 'x')],
  [
    'no secret is shown',
    'elsewhere',
    (it) => void Object.assign(container(it), { env: [{ name: 'A', valueFrom: { secretKeyRef: {} } }] }),
  ],
  [
    'no secret is shown',
    'as variables',
    (it) => void container(it).envFrom.push({ secretRef: { name: 'postgres-secrets' } } as never),
  ],
  [
    'no secret is shown',
    'shown elsewhere',
    (it) => {
      manifest(it, 'Secret', 'postgres-secrets').data = { a: btoa('a-secret-of-postgres') }
      config(it).LOG_LEVEL = 'a-secret-of-postgres'
    },
  ],
]
