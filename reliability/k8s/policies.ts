import { ofKind, selects, workloadsOf, type Allowance, type Manifest, type Peer, type Workload } from './manifest'
import { portsOf } from './references'

/** Pods of other namespaces that a policy may name. */
const known = ['kube-system k8s-app=kube-dns', 'monitoring app.kubernetes.io/name=prometheus']

export function allowsByDefault(manifests: readonly Manifest[]): string[] {
  const denies = ofKind(manifests, 'NetworkPolicy').some(
    ({ spec }) =>
      Object.keys(spec?.podSelector ?? { missing: true }).length === 0 &&
      ['Ingress', 'Egress'].every((type) => spec?.policyTypes?.includes(type)) &&
      spec?.ingress === undefined &&
      spec?.egress === undefined,
  )
  return denies ? [] : ['no policy denies by default what comes in and what goes out']
}

export function policiesNameNothing(manifests: readonly Manifest[]): string[] {
  const workloads = workloadsOf(manifests)
  return ofKind(manifests, 'NetworkPolicy').flatMap(({ metadata, spec }) => {
    const subjects = workloads.filter(({ labels }) => selects(spec?.podSelector ?? {}, labels))
    const faults = subjects.length === 0 ? ['selects nothing'] : []
    for (const { from = [], ports } of spec?.ingress ?? [])
      faults.push(...from.flatMap((peer) => peerFaults(peer, workloads)), ...portFaults(ports, subjects))
    for (const { to = [], ports } of spec?.egress ?? []) {
      faults.push(...to.flatMap((peer) => peerFaults(peer, workloads)))
      for (const peer of to)
        if (peer.podSelector && !peer.namespaceSelector) faults.push(...portFaults(ports, selectedBy(peer, workloads)))
    }
    return faults.map((fault) => `NetworkPolicy ${metadata.name} ${fault}`)
  })
}

/** Within the namespace, both ends must allow a connection. */
export function allowsOneEndOnly(manifests: readonly Manifest[]): string[] {
  const workloads = workloadsOf(manifests)
  const out = new Set<string>()
  const into = new Set<string>()
  for (const { spec } of ofKind(manifests, 'NetworkPolicy')) {
    const subjects = workloads.filter(({ labels }) => selects(spec?.podSelector ?? {}, labels))
    const inside = (peers: readonly Peer[] = []) =>
      peers.filter((it) => !it.namespaceSelector).flatMap((peer) => selectedBy(peer, workloads))
    for (const subject of subjects) {
      for (const { to, ports = [] } of spec?.egress ?? [])
        for (const { name } of inside(to)) for (const { port } of ports) out.add(`${subject.name} to ${name}:${port}`)
      for (const { from, ports = [] } of spec?.ingress ?? [])
        for (const { name } of inside(from))
          for (const { port } of ports) into.add(`${name} to ${subject.name}:${port}`)
    }
  }
  const gateway = [...out].filter((it) => !into.has(it))
  return [...gateway, ...[...into].filter((it) => !out.has(it))].map((it) => `${it} is allowed at one end only`)
}

function selectedBy({ podSelector }: Peer, workloads: readonly Workload[]): Workload[] {
  return podSelector ? workloads.filter(({ labels }) => selects(podSelector, labels)) : []
}

function peerFaults(peer: Peer, workloads: readonly Workload[]): string[] {
  if (peer.ipBlock) return []
  if (!peer.namespaceSelector) return selectedBy(peer, workloads).length > 0 ? [] : ['names pods that are not there']
  const namespace = peer.namespaceSelector.matchLabels?.['kubernetes.io/metadata.name']
  const labels = Object.entries(peer.podSelector?.matchLabels ?? {}).map((it) => it.join('='))
  return known.includes([namespace, ...labels].join(' ')) ? [] : ['names unknown pods of another namespace']
}

function portFaults(ports: Allowance['ports'] = [], workloads: readonly Workload[]): string[] {
  if (ports.length === 0) return ['allows every port']
  const there = workloads.flatMap(portsOf)
  return ports
    .filter(({ port = '' }) => !there.includes(port))
    .map(({ port }) => `names port ${port}, which no pod has`)
}
