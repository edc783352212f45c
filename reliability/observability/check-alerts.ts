import { pause } from '../harness/eventually'
import type { Fault } from './faults'
import type { Prometheus } from './prometheus'

const services = 2
const healthySeconds = 20
const maxWarmUpMs = 60_000
const maxFaultMs = 120_000
const maxRecoveryMs = 120_000
const maxDataMs = 10_000
const pollMs = 250

export interface Observed {
  alert: string
  fault: string
  firedAfter: number | undefined
  overAfter: number | undefined
}

/** Waits until no alert is active, and then watches for a while. Returns those that fire though nothing is wrong. */
export async function alertsWithoutFault(prometheus: Prometheus): Promise<string[]> {
  await until(maxWarmUpMs, async () => (await prometheus.countSeries('up == 1')) === services)
  await until(maxWarmUpMs, async () => (await prometheus.active()).length === 0)
  const seen = new Set<string>()
  for (let second = 0; second < healthySeconds; second++) {
    for (const alert of await prometheus.active()) seen.add(alert)
    await pause(1_000)
  }
  return [...seen]
}

/** Whether the expression has had data since the start of Prometheus, or has some soon. */
export async function hasData(prometheus: Prometheus, expr: string): Promise<boolean> {
  let series = 0
  await until(maxDataMs, async () => (series = await prometheus.countSeries(expr)) > 0)
  return series > 0
}

/** Causes the fault until its alerts fire, ends it, and waits until nothing fires any more. */
export async function causeFault(prometheus: Prometheus, fault: Fault): Promise<Observed[]> {
  const began = performance.now()
  const firedAfter = new Map<string, number>()
  await fault.begin()
  const goingOn = keepGoing(fault.goOn)
  await until(maxFaultMs, async () => {
    for (const alert of await prometheus.firing())
      if (!firedAfter.has(alert)) firedAfter.set(alert, secondsSince(began))
    return fault.alerts.every((alert) => firedAfter.has(alert))
  })
  await goingOn.stop()
  await fault.end()
  const ended = performance.now()
  const overAfter = new Map<string, number>()
  await until(maxRecoveryMs, async () => {
    const firing = await prometheus.firing()
    for (const alert of fault.alerts) {
      if (firing.includes(alert)) overAfter.delete(alert)
      else if (!overAfter.has(alert)) overAfter.set(alert, secondsSince(ended))
    }
    return firing.length === 0
  })
  return fault.alerts.map((alert) => ({
    alert,
    fault: fault.what,
    firedAfter: firedAfter.get(alert),
    overAfter: overAfter.get(alert),
  }))
}

function keepGoing(goOn: Fault['goOn']): { stop: () => Promise<void> } {
  let stopped = goOn === undefined
  const running = (async () => {
    while (!stopped) {
      await goOn?.()
      await pause(pollMs)
    }
  })()
  running.catch(() => undefined) // `stop` reports it
  return {
    stop: async () => {
      stopped = true
      await running
    },
  }
}

/** Returns once it holds or the time is over: what did not happen is in the table. */
async function until(withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds()) && performance.now() < deadline) await pause(pollMs)
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 100) / 10
}
