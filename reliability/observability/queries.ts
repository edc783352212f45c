import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../harness/compose-stack'

export interface Alert {
  name: string
  expr: string
  summary: string
  runbook: string
}

export interface Query {
  panel: string
  expr: string
}

export const folder = join(root, 'observability')

interface Panel {
  title: string
  targets?: { expr: string }[]
}

/** Every query of the dashboard. */
export function dashboardQueries(): Query[] {
  const { panels } = JSON.parse(readFileSync(join(folder, 'dashboard.json'), 'utf8')) as { panels: Panel[] } // our own file
  return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ panel: title, expr })))
}

/** The alerts of alerts.yml, which is laid out as Prettier does it. */
export function readAlerts(text = readFileSync(join(folder, 'alerts.yml'), 'utf8')): Alert[] {
  return text
    .split(/^ +- alert: /m)
    .slice(1)
    .map((rule) => {
      const line = (name: string) => new RegExp(`^ +${name}: (.*)$`, 'm').exec(rule)?.[1] ?? ''
      const [, folded] = /^ +expr: >-\n((?: {10}.*\n)+)/m.exec(rule) ?? []
      return {
        name: rule.slice(0, rule.indexOf('\n')),
        expr: folded?.replace(/\s*\n\s*/g, ' ').trim() ?? line('expr'),
        summary: line('summary'),
        runbook: line('runbook'),
      }
    })
}

const notMetrics = new Set(['and', 'or', 'unless', 'inf', 'nan'])

/** The metrics that a PromQL expression reads: its names that are no function, label, string or keyword. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}/g, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
  const names = [...bare.matchAll(/\b([a-z_][\w:]*)\b(?!\s*\()/gi)].map(([, name = '']) => name)
  return [...new Set(names.filter((name) => !notMetrics.has(name.toLowerCase())))]
}
