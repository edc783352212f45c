import {
  containersOf,
  ofKind,
  selects,
  workloadsOf,
  type Labels,
  type Manifest,
  type Selector,
  type Workload,
} from './manifest'

/** What `production` gets from outside. */
const fromOutside = ['Secret user-service-secrets', 'Secret order-service-secrets', 'Secret tandem-tls']

export function selectsNothing(manifests: readonly Manifest[]): string[] {
  const workloads = workloadsOf(manifests)
  const own = workloads.flatMap(({ name, labels, spec, pod }) => {
    const selectors = [
      spec.selector as Selector,
      ...(pod.topologySpreadConstraints ?? []).map((it) => it.labelSelector),
    ]
    return selectors.every((it) => it && selects(it, labels)) ? [] : [`${name} does not select its own pods`]
  })
  const others = ofKind(manifests, 'Service', 'PodDisruptionBudget').flatMap(({ kind, metadata, spec }) => {
    const selector = kind === 'Service' ? { matchLabels: spec?.selector as Labels } : (spec?.selector as Selector)
    const selected = workloads.filter(({ labels }) => selects(selector, labels))
    return selected.length === 1 ? [] : [`${kind} ${metadata.name} selects ${selected.length} workloads`]
  })
  const scaled = ofKind(manifests, 'HorizontalPodAutoscaler').flatMap(({ metadata, spec }) => {
    const { kind = '', name = '' } = spec?.scaleTargetRef ?? {}
    return workloads.some((it) => it.kind === kind && it.name === name) ? [] : [`${metadata.name} scales nothing`]
  })
  return [...own, ...others, ...scaled]
}

/** A Deployment without a disruption budget or an autoscaler. */
export function isNotKept(manifests: readonly Manifest[]): string[] {
  return workloadsOf(manifests)
    .filter(({ kind }) => kind === 'Deployment')
    .flatMap(({ name }) =>
      ['PodDisruptionBudget', 'HorizontalPodAutoscaler']
        .filter((kind) => !ofKind(manifests, kind).some(({ metadata }) => metadata.name === name))
        .map((kind) => `${name} has no ${kind}`),
    )
}

export function portsOf(workload: Workload): (string | number)[] {
  return containersOf(workload).flatMap(({ ports = [] }) =>
    ports.flatMap(({ name, containerPort }) => [...(name === undefined ? [] : [name]), containerPort]),
  )
}

export function hasMissingPorts(manifests: readonly Manifest[]): string[] {
  const workloads = workloadsOf(manifests)
  const services = ofKind(manifests, 'Service').flatMap(({ metadata, spec }) => {
    const selected = workloads.filter(({ labels }) => selects({ matchLabels: spec?.selector as Labels }, labels))
    return (spec?.ports ?? [])
      .filter(({ port, targetPort = port }) => !selected.every((it) => portsOf(it).includes(targetPort)))
      .map(({ port }) => `Service ${metadata.name} leads port ${port} to no port of a pod`)
  })
  const probes = workloads.flatMap((workload) =>
    containersOf(workload)
      .flatMap((it) => [it.startupProbe, it.readinessProbe, it.livenessProbe])
      .filter((probe) => probe?.httpGet && !portsOf(workload).includes(probe.httpGet.port))
      .map(() => `a probe of ${workload.name} asks at no port of its pod`),
  )
  const ways = ofKind(manifests, 'Ingress', 'HTTPRoute').flatMap(({ kind, metadata, spec }) =>
    (spec?.rules ?? [])
      .flatMap(({ http, backendRefs = [] }) => [
        ...(http?.paths ?? []).map(({ backend: { service } }) => [
          service.name,
          service.port.name ?? service.port.number,
        ]),
        ...backendRefs.map(({ name, port }) => [name, port]),
      ])
      .filter(([name, port]) => {
        const service = ofKind(manifests, 'Service').find((it) => it.metadata.name === name)
        return !service?.spec?.ports?.some((it) => it.name === port || it.port === port)
      })
      .map(() => `${kind} ${metadata.name} leads to no port of a Service`),
  )
  return [...services, ...probes, ...ways]
}

export function namesMissing(manifests: readonly Manifest[]): string[] {
  const there = new Set([...manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`), ...fromOutside])
  return workloadsOf(manifests).flatMap((workload) => {
    const { name, pod, spec } = workload
    const needed = [
      `ServiceAccount ${pod.serviceAccountName}`,
      ...(pod.volumes ?? []).flatMap(({ secret, configMap }) => [
        ...(secret ? [`Secret ${secret.secretName}`] : []),
        ...(configMap ? [`ConfigMap ${configMap.name}`] : []),
      ]),
      ...containersOf(workload).flatMap(({ envFrom = [] }) =>
        envFrom.map((it) => (it.configMapRef ? `ConfigMap ${it.configMapRef.name}` : `Secret ${it.secretRef?.name}`)),
      ),
    ]
    const volumes = [...(pod.volumes ?? []), ...(spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata)]
    const unmounted = containersOf(workload)
      .flatMap(({ volumeMounts = [] }) => volumeMounts)
      .filter((mount) => !volumes.some((volume) => volume.name === mount.name))
    return [
      ...needed.filter((it) => !there.has(it)).map((it) => `${name} needs ${it}, which is not there`),
      ...unmounted.map((it) => `${name} mounts ${it.name}, which is no volume of its pod`),
    ]
  })
}
