import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { OperatorError } from '@tandem/chassis/failure'
import { folder } from './queries'

const missing = 'prometheus and promtool must be on the PATH (Debian and Ubuntu: apt-get install prometheus)'

/** Throws an OperatorError if promtool is missing or finds a fault in the files of the project. */
export function checkFiles(): void {
  promtool('check', 'config', join(folder, 'prometheus.yml')) // and the rules that it names
  promtool('test', 'rules', join(folder, 'alerts.test.yml'))
}

// The names of prom-client's own metrics are not ours to change.
const ofPromClient = /^nodejs_active_(handles|requests|resources)_total /

/** What promtool says about metrics of ours. */
export function lint(metrics: string): string[] {
  const { stderr } = run(['check', 'metrics'], metrics)
  return stderr.split('\n').filter((line) => line !== '' && !ofPromClient.test(line))
}

function promtool(...args: string[]): void {
  const { status, stdout, stderr } = run(args)
  if (status !== 0) throw new OperatorError(`promtool ${args.join(' ')}:\n${stdout}${stderr}`)
}

function run(args: readonly string[], input = '') {
  const { error, ...result } = spawnSync('promtool', args, { input, encoding: 'utf8' })
  if (error) throw new OperatorError(missing, { cause: error })
  return result
}
