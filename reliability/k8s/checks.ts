import { isNotSpread, probesWrongly, stopsWrongly } from './life'
import type { Manifest } from './manifest'
import * as podSecurity from './pod-security'
import { allowsByDefault, allowsOneEndOnly, policiesNameNothing } from './policies'
import { hasMissingPorts, isNotKept, namesMissing, selectsNothing } from './references'
import { schemaFaults } from './schema'
import { lacksVariables, setsUnknownVariables, showsSecrets } from './variables'

/** What must hold for the objects of an overlay, and what returns the faults. */
export const checks = {
  'each object is valid, and has no property that its schema does not have': schemaFaults,
  'no version of an API is deprecated or not stable': isDeprecated,
  'restricted: nothing runs as root': podSecurity.runsAsRoot,
  'restricted: seccomp is RuntimeDefault': podSecurity.hasNoSeccomp,
  'restricted: no way to more privileges': podSecurity.mayEscalate,
  'restricted: all capabilities are dropped': podSecurity.hasCapabilities,
  'restricted: no forbidden type of volume': podSecurity.hasOtherVolumes,
  'restricted: no namespace and no port of the node': podSecurity.usesHost,
  'restricted: the namespace enforces it, and everything is in it': podSecurity.isNotEnforced,
  'read-only roots, requests, limits, versions of images, no tokens': podSecurity.isNotHardened,
  'selectors select': selectsNothing,
  'each Deployment has a disruption budget and an autoscaler': isNotKept,
  'each Deployment is spread over nodes': isNotSpread,
  'ports exist': hasMissingPorts,
  'ConfigMaps, Secrets, ServiceAccounts and volumes exist': namesMissing,
  'network policies deny by default': allowsByDefault,
  'network policies name what is there': policiesNameNothing,
  'network policies allow at both ends': allowsOneEndOnly,
  'startup, readiness and liveness are probed where they should be': probesWrongly,
  'an update takes no replica away, and lets each stop in time': stopsWrongly,
  'each variable is one that the service reads': setsUnknownVariables,
  'each service is given what has no default in a cluster': lacksVariables,
  'no secret is shown': showsSecrets,
} satisfies Record<string, (manifests: readonly Manifest[]) => string[]>

export type CheckName = keyof typeof checks

const deprecated = ['Endpoints', 'ComponentStatus', 'PodSecurityPolicy']

function isDeprecated(manifests: readonly Manifest[]): string[] {
  return manifests
    .filter(({ apiVersion, kind }) => !/(^|\/)v\d+$/.test(apiVersion) || deprecated.includes(kind))
    .map(({ apiVersion, kind, metadata }) => `${kind} ${metadata.name} has the version ${apiVersion}`)
}
