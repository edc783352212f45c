import { serviceNames } from '../../harness/compose-stack'
import { rawLoad, type RawLoad } from '../load/raw-load'
import { othersDuring } from './others'
import type { Part } from './part'

const connections = 4096 // as many as a service accepts
const maxSeconds = 7

/** As many connections as a service accepts, of one client, that send nothing and are opened again once they are closed. */
export const idleConnections: Part = {
  name: 'idle connections',
  run: async (context) => {
    const seconds = context.short ? 8 : 30
    const load: RawLoad = { requests: [], connections, inOneWrite: 0, reads: true, seconds, reopenAfterMs: 1000 }
    const { result, figure, checks } = await othersDuring(context, () =>
      Promise.all(serviceNames.map((service) => rawLoad(context, service, load))),
    )
    const opened = result.reduce((sum, it) => sum + it.opened, 0)
    const atOnce = Math.min(...result.map((it) => it.atOnce))
    const maxOpen = Math.max(...result.map((it) => it.maxOpenSeconds))
    return {
      done: `${connections} connections to each service that send nothing, for ${seconds} s`,
      figures: [`${opened} connections opened, ${atOnce} at once`, figure],
      checks: [
        ...checks,
        { message: `each closed after ${maxOpen.toFixed(1)} s, at most ${maxSeconds}`, holds: maxOpen <= maxSeconds },
      ],
    }
  },
}
