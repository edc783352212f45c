import { serviceNames } from '../../../e2e/support/compose-stack'
import { rawLoad } from '../load/raw-load'
import { targetIn } from '../load/slow-callers'
import { othersDuring } from './others'
import type { Part } from './part'

const connections = 4096 // as many as a service accepts
const maxSeconds = 6

/** As many connections as a service accepts, of one client, that send nothing and are opened again once they are closed. */
export const idleConnections: Part = {
  name: 'idle connections',
  run: async (context) => {
    const { stack, over, short } = context
    const seconds = short ? 9 : 30
    const { result, figure, check } = await othersDuring(context, () =>
      Promise.all(
        serviceNames.map(async (service) =>
          rawLoad(
            { target: await targetIn(stack, service), requests: [], connections, inOneWrite: 0, reads: true, seconds },
            over,
          ),
        ),
      ),
    )
    const opened = result.reduce((sum, it) => sum + it.opened, 0)
    const longest = Math.max(...result.map((it) => it.longestSeconds))
    return {
      done: `${connections} connections to each service that send nothing, for ${seconds} s`,
      figures: [`${opened} connections opened`, figure],
      checks: [
        check,
        { says: `each closed after ${longest.toFixed(1)} s, at most ${maxSeconds}`, holds: longest <= maxSeconds },
      ],
    }
  },
}
