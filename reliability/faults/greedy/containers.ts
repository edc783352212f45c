import { setTimeout as wait } from 'node:timers/promises'
import { serviceNames, type ComposeStack, type Container } from '../../harness/compose-stack'
import { eventually } from '../../harness/eventually'
import type { Check } from '../fault'

const everyMs = 10_000 // Docker keeps the last five checks of each, which are 5 s apart
const healthyMs = 30_000

/** Watches both containers until told to stop: whether they are started again, and what their health checks say. */
export async function watchContainers(stack: ComposeStack): Promise<{ stop: () => Promise<Check> }> {
  const exitCodes = new Map<string, number>() // of each health check
  const look = async () => {
    const containers = await inspectBoth(stack)
    for (const { Id, State } of containers) {
      for (const { Start, ExitCode } of State.Health.Log) exitCodes.set(`${Id} ${Start}`, ExitCode)
    }
    return containers
  }
  const before = await look()
  const earlier = [...exitCodes.keys()]
  const stopped = new AbortController()
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await wait(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined) // told to stop
      await look()
    }
  })()
  return {
    stop: async () => {
      stopped.abort()
      await watching
      const after = await look()
      for (const check of earlier) exitCodes.delete(check)
      const restarted = serviceNames.filter((_, index) => isRestarted(before[index], after[index]))
      const failed = [...exitCodes.values()].filter((code) => code !== 0).length
      const restarts = restarted.length === 0 ? 'no restart' : `${restarted.join(' and ')} restarted`
      return {
        says: `${restarts}, ${failed} of ${exitCodes.size} health checks failed`,
        holds: restarted.length === 0 && failed === 0,
      }
    },
  }
}

/** Waits until Docker says so. */
export async function whenHealthy(stack: ComposeStack): Promise<void> {
  await eventually(healthyMs, 'both services are healthy', async () => {
    const containers = await inspectBoth(stack)
    return containers.every(({ State }) => State.Health.Status === 'healthy') || undefined
  })
}

function inspectBoth(stack: ComposeStack): Promise<Container[]> {
  return Promise.all(serviceNames.map((service) => stack.inspect(service)))
}

/** Whether Docker has started it again by itself. */
function isRestarted(before?: Container, after?: Container): boolean {
  if (before === undefined || after === undefined) return true
  return after.RestartCount > before.RestartCount || after.State.OOMKilled
}
