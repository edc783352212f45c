import { container, deployment, manifest, pod, remove, type Mutant } from './edit-manifests'

/** What is wrong with objects, pods and their number. */
export const brokenPods: Mutant[] = [
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
]
