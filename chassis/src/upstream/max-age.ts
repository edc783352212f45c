import type { Agent } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { System } from '../system'

/**
 * Lets the agent use no connection that is older, so that new replicas of the upstream get their share. One that is in use
 * is closed after its response. Returns what must be called with the connection of each request.
 */
export function limitAge(agent: Agent, maxAgeMs: number, system: Pick<System, 'monotonic'>): (socket: Socket) => void {
  const openedAt = new WeakMap<Duplex, number>()
  const keep: (socket: Duplex) => unknown = agent.keepSocketAlive.bind(agent) // its type lacks what it returns
  agent.keepSocketAlive = (socket: Socket) => {
    const kept = keep(socket)
    const leftMs = (openedAt.get(socket) ?? 0) + maxAgeMs - system.monotonic()
    if (leftMs <= 0) return false
    socket.setTimeout(socket.timeout ? Math.min(leftMs, socket.timeout) : leftMs) // the agent closes an idle one then
    return kept
  }
  return (socket) => {
    if (!openedAt.has(socket)) openedAt.set(socket, system.monotonic())
  }
}
