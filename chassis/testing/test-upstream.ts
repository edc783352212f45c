import { UpstreamClient, type CallResult } from '@tandem/chassis/upstream/upstream-client'
import type { OutgoingRequest } from '@tandem/chassis/upstream/transport'
import { ScriptedTransport } from './scripted-transport'
import { VirtualSystem } from './virtual-system'

export const request: OutgoingRequest = {
  method: 'PUT',
  path: '/things/1',
  headers: { 'x-request-id': 'r' },
  body: '{}',
}

export function upstream() {
  const system = new VirtualSystem()
  const transport = new ScriptedTransport()
  const asked = new UpstreamClient(transport, system)
  const call = ({ withinMs = 3000, once = false } = {}) => {
    const seen: { result: CallResult | undefined; at: number | undefined } = { result: undefined, at: undefined }
    void asked.call(request, { deadline: system.monotonic() + withinMs, once }).then((result) => {
      seen.result = result
      seen.at = system.monotonic()
    })
    return seen
  }
  const openCircuit = () => {
    for (let n = 0; n < 5; n++) asked.breaker.tryAcquire()?.(false)
  }
  return { system, transport, client: asked, breaker: asked.breaker, call, openCircuit }
}
