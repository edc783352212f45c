import { ok } from '../http/response'
import { route, type Route } from '../http/route'
import type { Log } from '../log'
import { CurrentFaults, FaultSettings, type Faults } from './faults'

interface Deps {
  faults: Faults
  /** Ends the process at once. */
  crash: () => void
  log: Log
}

const common = { tag: 'service', who: ['admin'], always: true } as const

/** With CHAOS=on: how an administrator switches faults on and off. */
export function faultRoutes({ faults, crash, log }: Deps): Route[] {
  return [
    route({
      ...common,
      method: 'get',
      path: '/faults',
      operationId: 'getFaults',
      summary: 'Get the faults that are switched on',
      responses: { 200: CurrentFaults },
      handle: () => ok(faults.current),
    }),
    route({
      ...common,
      method: 'put',
      path: '/faults',
      operationId: 'switchFaultsOn',
      summary: 'Switch faults on for 60 seconds, and off what is left out',
      body: FaultSettings,
      responses: { 200: CurrentFaults },
      handle: ({ body }) => {
        faults.switchOn(body)
        return ok(faults.current)
      },
    }),
    route({
      ...common,
      method: 'delete',
      path: '/faults',
      operationId: 'switchFaultsOff',
      summary: 'Switch all faults off',
      responses: { 200: CurrentFaults },
      handle: () => {
        faults.switchOff()
        return ok(faults.current)
      },
    }),
    route({
      ...common,
      method: 'post',
      path: '/faults/crash',
      operationId: 'crash',
      summary: 'End the process with exit code 1, right after the response',
      responses: { 202: 'nothing' },
      handle: (request) => {
        const end = () => {
          log.warn('crashing, as an administrator asked')
          crash()
        }
        const signal = request.signal()
        if (signal.aborted) end()
        else signal.addEventListener('abort', end)
        return { status: 202 }
      },
    }),
  ]
}
