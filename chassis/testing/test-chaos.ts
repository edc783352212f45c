import type { Log } from '@tandem/chassis/log'
import { Faults } from '@tandem/chassis/server/faults'
import type { System } from '@tandem/chassis/system'
import { afterThisTest } from './temporary'

/** What CHAOS=on gives an app; the faults are off after the test, and a crash does only what the test says. */
export function testChaos(system: System, log: Log, crash: () => void = () => undefined) {
  const faults = new Faults(system, log)
  afterThisTest(() => {
    faults.switchOff()
  })
  return { faults, crash }
}
