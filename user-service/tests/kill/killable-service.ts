/** user-service as a process that kills itself, as `kill -9` does, before the nth commit after it was sent that number. */
import { silentLog } from '@tandem/chassis/log'
import { realSystem } from '@tandem/chassis/system'
import { readConfig } from '../../src/config'
import { startUserService } from '../../src/start'

let commitsLeft = Infinity

process.once('message', (commits: number) => {
  commitsLeft = commits
  process.send?.('armed')
})

void startUserService({
  config: readConfig(process.env, '/'),
  version: '0.0.0',
  log: silentLog,
  system: {
    ...realSystem,
    afterTurn: (commit) => {
      realSystem.afterTurn(() => {
        commitsLeft -= 1
        if (commitsLeft === 0) process.kill(process.pid, 'SIGKILL')
        commit()
      })
    },
  },
}).then(({ port }) => process.send?.(port))
