import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadEnvironment, packageVersion } from '@tandem/chassis/environment'
import { temporaryFolder } from './support/temporary'

describe('The environment', () => {
  it('is as it was given where there is no .env', () => {
    expect(loadEnvironment(temporaryFolder(), { PORT: '1' })).toEqual({ PORT: '1' })
  })

  it('stands above .env, which fills in what is not set or empty', () => {
    const root = temporaryFolder()
    writeFileSync(join(root, '.env'), '# a comment\nPORT=2\nHOST=from-file\nLOG_LEVEL="debug"\n')
    expect(loadEnvironment(root, { PORT: '1', HOST: '' })).toEqual({ PORT: '1', HOST: 'from-file', LOG_LEVEL: 'debug' })
  })

  it('is that of the process, which is left as it is', () => {
    const root = temporaryFolder()
    writeFileSync(join(root, '.env'), 'TANDEM_TEST_ONLY=1\n')
    const environment = loadEnvironment(root)
    expect(environment.TANDEM_TEST_ONLY).toBe('1')
    expect(environment.PATH).toBe(process.env.PATH)
    expect(process.env.TANDEM_TEST_ONLY).toBeUndefined()
  })
})

describe('The version', () => {
  it('is that of the package', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'package.json'), '{"version":"1.2.3"}')
    expect(packageVersion(folder)).toBe('1.2.3')
  })
})
