import type { Log } from '@tandem/chassis/log'
import { RecentLines } from '@tandem/chassis/recent-lines'
import { Faults } from '@tandem/chassis/server/faults'
import type { System } from '@tandem/chassis/system'
import { afterThisTest } from './temporary'

interface Options {
  crash?: () => void
  recentLines?: RecentLines
}

/** What CHAOS=on gives an app; the faults are off after the test, and a crash does only what the test says. */
export function testChaos(
  system: System,
  log: Log,
  { crash = () => undefined, recentLines = new RecentLines() }: Options = {},
) {
  const faults = new Faults(system, log)
  afterThisTest(() => {
    faults.switchOff()
  })
  return { faults, crash, recentLines }
}
