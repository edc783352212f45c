/**
 * Runs the dashboard's queries and the alerts on a real Prometheus beside both services: what `npm run observability:check`
 * does. Progress goes to stderr, the table to stdout. Whatever it starts or makes is gone when it ends or is interrupted.
 */
import { runCommand } from '@tandem/chassis/service/process'
import { readArguments } from '../../scripts/read-arguments.mjs'
import { alertsWithoutFault, causeFault, hasData, type Observed } from './check-alerts'
import { faultsOf } from './faults'
import { checkFiles, lint } from './promtool'
import { dashboardQueries, readAlerts } from './queries'
import { startSystem, type CleanUps, type RunningSystem } from './running-system'

const name = 'observability:check'
const usage = `Usage: npm run ${name}

Runs each query of the dashboard and each alert on a real Prometheus beside both services, and causes a fault for each
alert. Needs prometheus and promtool on the PATH, and Docker or a PostgreSQL server that TEST_DATABASE_URL names. The exit
code is 0 only if all is as it must be.`

/** Returns what is not as it must be. */
async function check(system: RunningSystem): Promise<string[]> {
  const { prometheus, users, orders, callers } = system
  const failures = [...lint(await users.metrics()), ...lint(await orders.metrics())]
  say('both services run and nothing is wrong: no alert may fire')
  const early = await alertsWithoutFault(prometheus)
  failures.push(...early.map((alert) => `${alert} fires though nothing is wrong`))

  const observed: Observed[] = []
  for (const fault of faultsOf(system)) {
    say(fault.what)
    observed.push(...(await causeFault(prometheus, fault)))
  }
  await callers.exceedRateLimit()
  const queries = dashboardQueries()
  for (const { panel, expr } of queries)
    if (!(await hasData(prometheus, expr))) failures.push(`no data for "${panel}": ${expr}`)
  say(`${queries.length} queries of the dashboard were run`)

  const alerts = readAlerts().map((alert) => alert.name)
  const wrong = alerts.flatMap((alert) => verdict(alert, observed))
  console.log(table(observed))
  const passed = alerts.length - wrong.length
  console.log(`Alerts: ${wrong.length === 0 ? '' : `${wrong.length} failed, `}${passed} passed, ${alerts.length} total`)
  return [...failures, ...wrong]
}

function verdict(alert: string, observed: readonly Observed[]): string[] {
  const seen = observed.find((it) => it.alert === alert)
  if (seen === undefined) return [`${alert}: there is no fault for it`]
  if (seen.firedAfter === undefined) return [`${alert} did not fire`]
  return seen.overAfter === undefined ? [`${alert} went on after its fault`] : []
}

function table(observed: readonly Observed[]): string {
  const seconds = (value: number | undefined) => (value === undefined ? 'NEVER' : `${value} s`)
  const rows = observed.map(({ alert, fault, firedAfter, overAfter }) => [
    alert,
    fault,
    seconds(firedAfter),
    seconds(overAfter),
  ])
  const lines = [['alert', 'fault', 'fired after', 'over after'], ['---', '---', '---', '---'], ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

async function main(): Promise<void> {
  readArguments({ name, usage })
  checkFiles()
  const cleanUps: CleanUps = []
  const cleanAllUp = async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp()
  }
  let cleaning: Promise<void> | undefined
  const cleanUp = () => (cleaning ??= cleanAllUp())
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)))
  try {
    const failures = await check(await startSystem(name, cleanUps))
    for (const failure of failures) say(`${name}: ${failure}`)
    process.exitCode = failures.length === 0 ? 0 : 1
  } finally {
    await cleanUp()
  }
}

void runCommand(name, main)
