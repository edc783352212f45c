import { documentText } from '../harness/commands'
import { parse } from 'yaml'

interface ComposeFile {
  services: Record<string, ComposeService>
}

export interface ComposeService {
  image?: string
  build?: { dockerfile: string }
  user?: string
  entrypoint?: string[]
  command?: string[]
  environment?: Record<string, string | number>
  read_only?: boolean
  cap_drop?: string[]
  mem_limit?: string
  cpus?: number
  stop_grace_period?: string
  healthcheck?: { test: string[]; interval: string; timeout: string; retries: number; start_period: string }
}

/** The services of docker-compose.scale.yml, with nothing set in the shell. */
export function composeServices(): Map<string, ComposeService> {
  const file = parse(documentText('docker-compose.scale.yml'), { merge: true }) as ComposeFile
  return new Map(Object.entries(file.services))
}

/** Without those that are empty: an empty value counts as not set. */
export function composeVariables({ environment = {} }: ComposeService): Map<string, string> {
  const values = Object.entries(environment).map(([name, value]): [string, string] => [
    name,
    String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1'),
  ])
  return new Map(values.filter(([, value]) => value !== ''))
}

export interface HealthCheck {
  interval: string
  timeout: string
  retries: number
  startPeriod: string
  test: string
}

/** Compose's own, or that of the image. */
export function healthCheckOf({ healthcheck, build }: ComposeService): HealthCheck {
  if (healthcheck) {
    const { interval, timeout, retries, start_period: startPeriod, test } = healthcheck
    return { interval, timeout, retries, startPeriod, test: test.slice(1).join(' ') }
  }
  const text = documentText(build?.dockerfile ?? '')
  const [, interval = '', timeout = '', startPeriod = '', retries = '', test = ''] =
    /^HEALTHCHECK --interval=(\w+) --timeout=(\w+) --start-period=(\w+) --retries=(\d+) CMD (.*)$/m.exec(text) ?? []
  return { interval, timeout, retries: Number(retries), startPeriod, test: (JSON.parse(test) as string[]).join(' ') }
}

export function inImage({ build }: ComposeService, instruction: 'USER' | 'EXPOSE'): string | undefined {
  return build && new RegExp(`^${instruction} (.*)$`, 'm').exec(documentText(build.dockerfile))?.[1]
}
