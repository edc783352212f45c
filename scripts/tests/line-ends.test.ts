import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '../../chassis/testing/temporary'
import { root } from './support/small-repository'

const git = (folder: string, ...args: string[]) =>
  execFileSync(
    'git',
    ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false', ...args],
    { cwd: folder },
  )

describe('A clone with core.autocrlf=true, as Git for Windows makes it', () => {
  it.each(['.ci/run', 'scripts/start.mjs', 'chassis/src/service/config.ts', 'docker-compose.yml'])(
    'has %s with the line ends that it has here',
    (file) => {
      const origin = temporaryFolder()
      mkdirSync(dirname(join(origin, file)), { recursive: true })
      for (const copied of ['.gitattributes', file]) copyFileSync(join(root, copied), join(origin, copied))
      git(origin, 'init', '--quiet')
      git(origin, 'add', '.')
      git(origin, 'commit', '--quiet', '--message', 'A commit')
      const clone = join(temporaryFolder(), 'clone')
      git(origin, 'clone', '--quiet', '-c', 'core.autocrlf=true', origin, clone)
      expect(readFileSync(join(clone, file), 'utf8')).toBe(readFileSync(join(root, file), 'utf8'))
    },
  )
})
