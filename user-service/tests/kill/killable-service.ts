/** user-service as a process that kills itself, as `kill -9` does, before the nth commit after it was sent that number. */
import { silentLog } from '@tandem/chassis/log'
import { startService } from '@tandem/chassis/service/start-service'
import { atCommits } from '../../../chassis/testing/at-commits'
import { readConfig } from '../../src/config'
import { userService } from '../../src/service'

let commitsLeft = Infinity

process.once('message', (commits: number) => {
  commitsLeft = commits
  process.send?.('armed')
})

const config = readConfig(process.env, '/')

void startService({
  definition: userService(config),
  config,
  version: '0.0.0',
  log: silentLog,
  system: atCommits({
    before: () => {
      commitsLeft -= 1
      if (commitsLeft === 0) process.kill(process.pid, 'SIGKILL')
    },
  }),
}).then(({ port }) => process.send?.(port))
