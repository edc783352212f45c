import type { RequestHandler, Response } from 'express'
import { Failure } from '../failure'
import type { Route } from '../http/route'
import type { Faults } from './faults'
import { readBytes, releaseSlot } from './json-body'

interface Options {
  faults: Faults | undefined
  isStopping: () => boolean
}

/** What stands before and after a request gets its slot: nothing with CHAOS=off, nor on routes that operate a service. */
export function injectFaults(
  route: Route,
  { faults, isStopping }: Options,
): Record<'hold' | 'strike', RequestHandler[]> {
  if (faults === undefined || route.tag === 'service') return { hold: [], strike: [] }
  const inForce = { faults, isStopping }
  return { hold: [holdWhileFrozen(route, inForce)], strike: [strike(inForce)] }
}

type InForce = Options & { faults: Faults }

/**
 * Keeps a request waiting while the service is frozen. It holds no slot, and its body is read before it waits: what
 * was sent to a stopped process is there when it goes on, and is worked on even if the caller has gone.
 */
function holdWhileFrozen({ body, path }: Route, { faults, isStopping }: InForce): RequestHandler {
  return (req, res, next) => {
    if (!faults.areOn || isStopping()) {
      next()
      return
    }
    faults.met()
    res.locals.route = path
    const hold = (error?: unknown) => {
      void faults.thawed().then(() => {
        next(error)
      })
    }
    if (body && faults.isDelaying) readBytes(req, res, hold)
    else hold()
  }
}

/** Delays, refuses, or loses the response of a request that holds a slot. */
function strike({ faults, isStopping }: InForce): RequestHandler {
  return async (_req, res, next) => {
    if (faults.areOn && !isStopping()) {
      await faults.slow()
      const fault = faults.next()
      if (fault === 'error') throw new Failure('unavailable', { detail: 'A fault is switched on that refuses this.' })
      if (fault === 'lost-response') loseResponse(res)
    }
    next()
  }
}

function loseResponse(res: Response): void {
  res.end = () => {
    releaseSlot(res) // the connection may be closed already, and then nothing else does
    return res.destroy()
  }
}
