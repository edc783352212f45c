import { documentText } from '../harness/commands'
import { containersOf, ofKind, variablesOf, workloadsOf, type Manifest } from './manifest'

/** The variables that a service reads, by docs/configuration.md, which a test holds to the code. */
function variablesReadBy(service: string): string[] {
  const [kind = ''] = service.split('-')
  const rows = documentText('docs/configuration.md').matchAll(/^\| `([A-Z_]+)` \| .*? \| (\w+) \| \w+ \|/gm)
  return [...rows].filter(([, , readBy]) => readBy === 'both' || readBy === kind).map(([, name = '']) => name)
}

export function setsUnknownVariables(manifests: readonly Manifest[]): string[] {
  return servicesIn(manifests).flatMap(({ container, name }) => {
    const read = variablesReadBy(name)
    return [...variablesOf(container, manifests).keys()]
      .filter((variable) => !read.includes(variable))
      .map((variable) => `${name} does not read ${variable}`)
  })
}

/** Without these it keeps its data in a file of its container, or cannot call the other service. */
export function lacksVariables(manifests: readonly Manifest[]): string[] {
  return servicesIn(manifests).flatMap(({ container, name }) => {
    const given = variablesOf(container, manifests)
    const needed = ['BROKER_URL', 'DATABASE_URL', name === 'user-service' ? 'ADMIN_KEY_FILE' : 'USER_SERVICE_URL']
    return needed.filter((variable) => !given.has(variable)).map((variable) => `${name} is not given ${variable}`)
  })
}

/** Secrets are files: an environment variable is shown by `kubectl describe`. */
export function showsSecrets(manifests: readonly Manifest[]): string[] {
  const values = ofKind(manifests, 'Secret')
    .flatMap(({ data }) => Object.values(data ?? {}))
    .map((value) => Buffer.from(value, 'base64').toString().trim())
    .filter((value) => value !== '')
  const others = JSON.stringify(manifests.filter(({ kind }) => kind !== 'Secret'))
  const shown = values.filter((value) => others.includes(value)).map(() => 'the value of a Secret is shown elsewhere')
  const variables = workloadsOf(manifests).flatMap((workload) =>
    containersOf(workload).flatMap((container) => [
      ...[...variablesOf(container, manifests)]
        .filter(([name, value]) => /\/\/[^/@]*:[^/@]*@/.test(value) || /(PASSWORD|SECRET|KEY|TOKEN)$/.test(name))
        .map(([name]) => `${container.name} has a password in ${name}`),
      ...(container.env ?? [])
        .filter(({ valueFrom }) => valueFrom)
        .map(({ name }) => `${container.name} has ${name} from elsewhere`),
      ...(container.envFrom ?? [])
        .filter(({ secretRef }) => secretRef)
        .map(() => `${container.name} has a Secret as variables`),
    ]),
  )
  return [...shown, ...variables]
}

function servicesIn(manifests: readonly Manifest[]) {
  return workloadsOf(manifests)
    .filter(({ name }) => /^(user|order)-service$/.test(name))
    .flatMap(({ name, pod }) => pod.containers.map((container) => ({ name, container })))
}
