import { composeServices, composeVariables, healthCheckOf, inImage, type ComposeService } from './compose'
import { variablesOf, workloadsOf, type Container, type Manifest, type Probe, type Workload } from './manifest'

/** What Compose says, and Kubernetes, of one property of one container. */
export interface Difference {
  where: string
  compose: string
  kubernetes: string
}

/** Differences that are meant, with the reason. One that is no longer there is a fault too. */
export const allowed: Readonly<Record<string, string>> = {
  'user-service, variable SHUTDOWN_DELAY_MS': 'whoever balances in a cluster learns late that a pod stops',
  'order-service, variable SHUTDOWN_DELAY_MS': 'the same',
  'user-service, variable TRUSTED_PROXIES': 'the name `gateway` has the address of a Service, not those of the pods',
  'order-service, variable TRUSTED_PROXIES': 'the same',
  'postgres, variable PGDATA': 'the root of a volume belongs to root, and PostgreSQL wants to own its folder',
  'gateway, stop': 'there is a delay of 5 s in it',
  'user-service, stop': 'there is a delay of 5 s in it',
  'order-service, stop': 'there is a delay of 5 s in it',
  'gateway, start': 'a node may pull images and start other pods meanwhile',
  'user-service, start': 'Compose starts it after PostgreSQL, here it waits for it, up to a minute, and then migrates',
  'order-service, start': 'the same',
  'postgres, start': 'the first set-up on a slow volume may take longer',
  'rabbitmq, start': 'the same',
}

/** Which user a name is in the images of PostgreSQL and RabbitMQ. */
const usersByName: Readonly<Record<string, string>> = { postgres: '999:999', rabbitmq: '999:999' }
/** What a cluster does not need: it makes and hands out secrets itself. */
const onlyInCompose = ['secrets']

/** What differs without a reason, and reasons without a difference. */
export function inequalities(manifests: readonly Manifest[]): string[] {
  const differences = differencesOf(manifests)
  const found = differences.map(({ where }) => where)
  return [
    ...differences
      .filter(({ where }) => !(where in allowed))
      .map(({ where, compose, kubernetes }) => `${where}: ${compose} in Compose, ${kubernetes} here`),
    ...Object.keys(allowed)
      .filter((where) => !found.includes(where))
      .map((where) => `${where}: no difference any more`),
  ]
}

export function differencesOf(manifests: readonly Manifest[]): Difference[] {
  const services = composeServices()
  const workloads = new Map(workloadsOf(manifests).map((workload) => [workload.name, workload]))
  const names = [...new Set([...services.keys(), ...workloads.keys()])].filter((name) => !onlyInCompose.includes(name))
  return names.flatMap((name) => {
    const service = services.get(name)
    const workload = workloads.get(name)
    const [container] = workload?.pod.containers ?? []
    if (!service || !workload || !container)
      return [{ where: name, compose: service ? 'there' : 'missing', kubernetes: workload ? 'there' : 'missing' }]
    const left = propertiesInCompose(name, service)
    const right = propertiesInCluster(workload, container, manifests)
    return [...new Set([...left.keys(), ...right.keys()])]
      .map((property) => ({
        where: `${name}, ${property}`,
        compose: left.get(property) ?? 'nothing',
        kubernetes: right.get(property) ?? 'nothing',
      }))
      .filter(({ compose, kubernetes }) => compose !== kubernetes)
  })
}

function propertiesInCompose(name: string, service: ComposeService): Map<string, string> {
  const health = healthCheckOf(service)
  return new Map([
    ...[...composeVariables(service)].map(([variable, value]): [string, string] => [`variable ${variable}`, value]),
    ['image', service.image ?? `tandem/${name}`],
    ['entrypoint', (service.entrypoint ?? []).join(' ')],
    ['command', (service.command ?? []).join(' ')],
    ['user', usersByName[service.user ?? ''] ?? inImage(service, 'USER') ?? 'root'],
    ['port', inImage(service, 'EXPOSE') ?? { postgres: '5432', rabbitmq: '5672' }[name] ?? ''],
    ['read-only root', String(service.read_only ?? false)],
    ['dropped capabilities', (service.cap_drop ?? []).join()],
    ['memory', (service.mem_limit ?? '').replace(/m$/, 'Mi')],
    ['processors', String(service.cpus ?? '')],
    ['stop', service.stop_grace_period ?? '10s'],
    ['health check', checkedAt(health.test)],
    ['health check times', `${health.interval} ${health.timeout} ${health.retries}`],
    ['start', health.startPeriod],
  ])
}

function propertiesInCluster(
  workload: Workload,
  container: Container,
  manifests: readonly Manifest[],
): Map<string, string> {
  const { pod } = workload
  const { securityContext, resources, readinessProbe, startupProbe } = container
  const user = { ...pod.securityContext, ...securityContext }
  return new Map([
    ...[...variablesOf(container, manifests)].map(([name, value]): [string, string] => [`variable ${name}`, value]),
    ['image', withoutOwnTag(container.image)],
    ['entrypoint', (container.command ?? []).join(' ')],
    ['command', (container.args ?? []).join(' ')],
    ['user', `${user.runAsUser}:${user.runAsGroup}`],
    ['port', (container.ports ?? []).map(({ containerPort }) => containerPort).join()],
    ['read-only root', String(securityContext?.readOnlyRootFilesystem ?? false)],
    ['dropped capabilities', (securityContext?.capabilities?.drop ?? []).join()],
    ['memory', resources?.limits?.memory ?? ''],
    ['processors', String(resources?.limits?.cpu ?? '')],
    ['stop', `${pod.terminationGracePeriodSeconds ?? 30}s`],
    ['health check', probedAt(readinessProbe)],
    ['health check times', timesOf(readinessProbe)],
    ['start', `${(startupProbe?.periodSeconds ?? 10) * (startupProbe?.failureThreshold ?? 3)}s`],
  ])
}

/** Our own images are built, and have the version of the repository here. */
function withoutOwnTag(image: string): string {
  return image.replace(/^(tandem\/[a-z-]+):.*$/, '$1')
}

function checkedAt(test: string): string {
  if (test.includes('health-check.js')) return '/health/ready'
  return /http:\/\/127\.0\.0\.1:\d+(\/\S*)/.exec(test)?.[1] ?? test.replace(/^bash -c /, '')
}

function probedAt(probe: Probe | undefined): string {
  return probe?.httpGet?.path ?? (probe?.exec?.command ?? []).slice(2).join(' ')
}

function timesOf(probe: Probe | undefined): string {
  return `${probe?.periodSeconds}s ${probe?.timeoutSeconds}s ${probe?.failureThreshold}`
}
