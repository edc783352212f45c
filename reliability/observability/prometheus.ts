import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../harness/eventually'
import { folder as files } from './queries'
import { freePort } from './service-process'

const readyMs = 30_000
const rangeStepSeconds = 2

export interface Prometheus {
  /** The alerts that fire, each once, in alphabetical order. */
  firing(): Promise<string[]>
  /** Those that fire or are about to. */
  active(): Promise<string[]>
  /** How many series the expression has had since the start of Prometheus. */
  countSeries(expr: string): Promise<number>
}

interface Options {
  /** For its files. */
  folder: string
  /** The port of each service of prometheus.yml. */
  services: Readonly<Record<string, number>>
  cleanUps: (() => unknown)[]
}

/** Prometheus with the configuration and rules of the project; only its targets and times are others. */
export async function startPrometheus({ folder, services, cleanUps }: Options): Promise<Prometheus> {
  writeFileSync(join(folder, 'prometheus.yml'), configuration(services))
  const rules = readFileSync(join(files, 'alerts.yml'), 'utf8')
  writeFileSync(join(folder, 'alerts.yml'), shortened(rules.replace(/^( +for): .*$/gm, '$1: 2s')))
  const port = await freePort()
  const since = Date.now() / 1000
  const process = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const closed = once(process, 'close')
  cleanUps.push(async () => {
    process.kill()
    await closed
  })
  const url = `http://127.0.0.1:${port}`
  await eventually(readyMs, 'Prometheus is ready', async () => {
    const response = await fetch(`${url}/-/ready`).catch(() => undefined)
    return response?.ok === true ? true : undefined
  })

  async function ask<T>(path: string): Promise<T> {
    const response = await fetch(`${url}/api/v1/${path}`, { signal: AbortSignal.timeout(10_000) })
    const { data, error } = (await response.json()) as { data: T; error?: string } // as its API says
    if (error !== undefined) throw new Error(`${path}: ${error}`)
    return data
  }

  async function alerts(...states: string[]): Promise<string[]> {
    const { alerts } = await ask<{ alerts: { state: string; labels: { alertname: string } }[] }>('alerts')
    const names = alerts.filter(({ state }) => states.includes(state)).map(({ labels }) => labels.alertname)
    return [...new Set(names)].sort()
  }

  return {
    firing: () => alerts('firing'),
    active: () => alerts('firing', 'pending'),
    countSeries: async (expr) => {
      const query = new URLSearchParams({ query: shortened(expr), step: String(rangeStepSeconds) })
      query.set('start', String(since))
      query.set('end', String(Date.now() / 1000))
      return (await ask<{ result: unknown[] }>(`query_range?${query}`)).result.length
    },
  }
}

function configuration(services: Options['services']): string {
  let text = readFileSync(join(files, 'prometheus.yml'), 'utf8')
    .replace(/^( +(?:scrape|evaluation)_interval): .*$/gm, '$1: 1s')
    .replace(/^( +scrape_timeout): .*$/m, '$1: 1s')
  for (const [name, port] of Object.entries(services)) {
    const targets = `static_configs: [{ targets: ['127.0.0.1:${port}'] }]`
    const replaced = text.replace(new RegExp(`dns_sd_configs: .*names: \\[${name}\\].*`), targets)
    if (replaced === text) throw new Error(`observability/prometheus.yml has no targets of ${name}`)
    text = replaced
  }
  return text
}

function shortened(text: string): string {
  return text.replaceAll('[1m]', '[10s]')
}
