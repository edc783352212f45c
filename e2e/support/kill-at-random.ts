import { pause } from './eventually'
import { containerOf, docker, type ServiceName } from './stack'

interface Kills {
  victims: ServiceName[]
  /** Of the pauses before the kills, in milliseconds. */
  shortest: number
  longest: number
  /** What each pause comes after. */
  until?: () => Promise<unknown>
}

/**
 * Kills one service after the other, and starts each again at once. `docker kill` counts as a stop by hand, after which no
 * restart policy starts the container: it is started by hand too.
 */
export async function killAtRandom(random: () => number, { victims, shortest, longest, until }: Kills): Promise<void> {
  const containers = {
    'user-service': await containerOf('user-service'),
    'order-service': await containerOf('order-service'),
  }
  for (const victim of victims) {
    await until?.()
    await pause(shortest + random() * (longest - shortest)) // the moment is the point
    await docker('kill', '--signal', 'KILL', containers[victim])
    await docker('start', containers[victim])
  }
}
