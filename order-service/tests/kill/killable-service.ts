/**
 * order-service as a process that kills itself, as `kill -9` does, at the point that KILL_AT names, once it was told that
 * what it is meant for is coming. Points: `commit:<n>` before the nth commit and `committed:<n>` after it, `send` before
 * user-service is asked, `reply` before the caller is answered.
 */
import { ServerResponse } from 'node:http'
import { httpTransport } from '@tandem/chassis/upstream/transport'
import { silentLog } from '@tandem/chassis/log'
import { startService } from '@tandem/chassis/service/start-service'
import { atCommits } from '../../../chassis/testing/at-commits'
import { readConfig } from '../../src/config'
import { orderService } from '../../src/service'

const point = process.env.KILL_AT
let armed = false
let commits = 0

function at(passed: string): void {
  if (armed && passed === point) process.kill(process.pid, 'SIGKILL')
}

process.once('message', () => {
  armed = true
  process.send?.('armed')
})

// eslint-disable-next-line @typescript-eslint/unbound-method -- called below with the response that it belongs to
const end = ServerResponse.prototype.end
ServerResponse.prototype.end = function (this: ServerResponse, ...given: unknown[]) {
  at('reply')
  return end.apply(this, given as Parameters<typeof end>)
} as typeof end

const config = readConfig(process.env, '/')

void startService({
  definition: orderService(config),
  config,
  version: '0.0.0',
  log: silentLog,
  system: atCommits({
    before: () => {
      if (armed) commits += 1
      at(`commit:${commits}`)
    },
    after: () => {
      at(`committed:${commits}`)
    },
  }),
  connect: (options, system) => {
    const transport = httpTransport(options, system)
    return {
      ...transport,
      send: (request, timeoutMs) => {
        if (request.method !== 'GET') at('send')
        return transport.send(request, timeoutMs)
      },
    }
  },
}).then(({ port }) => process.send?.(port))
