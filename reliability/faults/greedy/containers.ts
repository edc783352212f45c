import { setTimeout as wait } from 'node:timers/promises'
import { serviceNames, type ComposeStack, type Container } from '../../harness/compose-stack'
import { eventually } from '../../harness/eventually'
import type { Check } from '../fault'

const everyMs = 10_000 // Docker keeps the last five checks of each, which are 5 s apart
const healthyMs = 30_000

/** Waits until Docker says so. */
export async function whenHealthy(stack: ComposeStack): Promise<void> {
  await eventually(healthyMs, 'both services are healthy', async () => {
    const containers = await inspectBoth(stack)
    return containers.every(({ State }) => State.Health.Status === 'healthy') || undefined
  })
}

/** Notes how often Docker has started the services again by itself. Call the result to compare. */
export async function watchRestarts(stack: ComposeStack): Promise<() => Promise<Check>> {
  const before = await inspectBoth(stack)
  return async () => {
    const after = await inspectBoth(stack)
    const restarts = after.map(({ RestartCount }, i) => Math.max(0, RestartCount - (before[i]?.RestartCount ?? 0)))
    const killed = after.some(({ State }) => State.OOMKilled)
    return {
      message: `${restarts.join(' and ')} restarts${killed ? ', out of memory' : ''}`,
      holds: !killed && restarts.every((count) => count === 0),
    }
  }
}

/** Follows Docker's health checks of both services. Call the result to end it. */
export async function watchHealthChecks(stack: ComposeStack): Promise<() => Promise<Check>> {
  const exitCodes = new Map<string, number>() // of each health check
  const look = async () => {
    for (const { Id, State } of await inspectBoth(stack)) {
      for (const { Start, ExitCode } of State.Health.Log) exitCodes.set(`${Id} ${Start}`, ExitCode)
    }
  }
  await look()
  const earlier = [...exitCodes.keys()]
  const stopped = new AbortController()
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await wait(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined) // told to stop
      await look()
    }
  })()
  return async () => {
    stopped.abort()
    await watching
    for (const check of earlier) exitCodes.delete(check)
    const failed = [...exitCodes.values()].filter((code) => code !== 0).length
    return { message: `${failed} of Docker's ${exitCodes.size} health checks failed`, holds: failed === 0 }
  }
}

function inspectBoth(stack: ComposeStack): Promise<Container[]> {
  return Promise.all(serviceNames.map((service) => stack.inspect(service)))
}
