import { containersOf, ofKind, variablesOf, workloadsOf, type Manifest } from './manifest'

const services = ['user-service', 'order-service']

/** Liveness must not depend on the database: to restart every replica does not repair it. */
export function probesWrongly(manifests: readonly Manifest[]): string[] {
  return workloadsOf(manifests).flatMap((workload) =>
    containersOf(workload).flatMap((container) => {
      const { name, startupProbe, readinessProbe, livenessProbe } = container
      if (!startupProbe || !readinessProbe) return [`${name} lacks a probe`]
      if (!services.includes(name)) return []
      const paths = [startupProbe, readinessProbe, livenessProbe].map((it) => it?.httpGet?.path ?? 'nothing')
      const wanted = ['/health/ready', '/health/ready', '/health/live']
      return paths.join() === wanted.join() ? [] : [`${name} is probed at ${paths.join(', ')}`]
    }),
  )
}

/** What would fail requests in a rolling update. */
export function stopsWrongly(manifests: readonly Manifest[]): string[] {
  return workloadsOf(manifests).flatMap((workload) => {
    const { name, kind, pod, spec } = workload
    if (kind !== 'Deployment') return []
    const variables = containersOf(workload).map((it) => variablesOf(it, manifests))
    const sleep = pod.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0
    const [{ delay, grace }] = variables.map((it) => ({
      delay: Number(it.get('SHUTDOWN_DELAY_MS') ?? sleep * 1000),
      grace: services.includes(name) ? Number(it.get('SHUTDOWN_GRACE_MS') ?? 12_000) : 10_000, // of the Caddyfile
    })) as [{ delay: number; grace: number }]
    return [
      ...(delay >= 5000 ? [] : [`${name} stops serving before nothing leads to it any more`]),
      ...((pod.terminationGracePeriodSeconds ?? 30) * 1000 > delay + grace
        ? []
        : [`${name} may be killed as it stops`]),
      ...(spec.strategy?.rollingUpdate?.maxUnavailable === 0 ? [] : [`${name} may have a replica less in an update`]),
    ]
  })
}

export function isNotSpread(manifests: readonly Manifest[]): string[] {
  return ofKind(manifests, 'Deployment').flatMap(({ metadata, spec }) =>
    (spec?.template?.spec.topologySpreadConstraints ?? []).length > 0
      ? []
      : [`${metadata.name} may be on one node only`],
  )
}
