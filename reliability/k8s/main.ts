/** Builds each overlay of k8s and checks what comes out: what `npm run k8s:check` does. */
import { runCommand } from '@tandem/chassis/service/process'
import { readArguments } from '../../scripts/read-arguments.mjs'
import { checks } from './checks'
import { inequalities } from './equality'
import { buildOverlays } from './kustomize'

const name = 'k8s:check'
const usage = `Usage: npm run ${name}

Builds each overlay in k8s/overlays with kustomize, and checks the objects: their schemas, Pod Security, what they refer
to, and that the overlay \`local\` equals docker-compose.scale.yml. Needs kustomize on the PATH, and no cluster.`

async function main(): Promise<void> {
  readArguments({ name, usage })
  const outcomes = buildOverlays().flatMap(({ name: overlay, manifests }) => [
    ...Object.entries(checks).map(([what, faultsOf]) => ({ what: `${overlay}: ${what}`, faults: faultsOf(manifests) })),
    ...(overlay === 'local' ? [{ what: `${overlay}: as in Compose`, faults: inequalities(manifests) }] : []),
  ])
  for (const { what, faults } of outcomes) {
    console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} ${what}`)
    for (const fault of faults) console.log(`       ${fault}`)
  }
  const failed = outcomes.filter(({ faults }) => faults.length > 0).length
  const passed = outcomes.length - failed
  console.log(`Checks: ${failed === 0 ? '' : `${failed} failed, `}${passed} passed, ${outcomes.length} total`)
  process.exitCode = failed === 0 ? 0 : 1
}

void runCommand(name, main)
