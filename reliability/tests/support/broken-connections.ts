import { config, container, deployment, manifest, pod, policy, remove, type Mutant } from './edit-manifests'

/** What is wrong with what pods are given, may reach and keep secret. */
export const brokenConnections: Mutant[] = [
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
