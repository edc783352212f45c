import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadEnvironment, packageVersion } from '@tandem/chassis/service/environment'
import { OperatorError } from '@tandem/chassis/failure'
import { temporaryFolder } from '../../testing/temporary'

/** A folder with this `.env` in it. */
function folderWith(env: string | Buffer): string {
  const root = temporaryFolder()
  writeFileSync(join(root, '.env'), env)
  return root
}

/** Why the environment of the folder cannot be read. */
function refusal(root: string): string {
  try {
    loadEnvironment(root, {})
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorError)
    return (error as OperatorError).message
  }
  throw new Error('it was read')
}

/** Root may read every file. */
function asNobody<T>(work: () => T): T {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(65534)
  try {
    return work()
  } finally {
    process.seteuid?.(0)
  }
}

describe('The environment', () => {
  it('is unchanged if there is no .env', () => {
    expect(loadEnvironment(temporaryFolder(), { PORT: '1' })).toEqual({ PORT: '1' })
  })

  it('overrides .env, which fills in unset and empty variables', () => {
    const root = folderWith('# a comment\nPORT=2\nHOST=from-file\nLOG_LEVEL="debug"\n')
    expect(loadEnvironment(root, { PORT: '1', HOST: '' })).toEqual({ PORT: '1', HOST: 'from-file', LOG_LEVEL: 'debug' })
  })

  it('is that of the process, which stays unchanged', () => {
    const root = folderWith('TANDEM_TEST_ONLY=1\n')
    const environment = loadEnvironment(root)
    expect(environment.TANDEM_TEST_ONLY).toBe('1')
    expect(environment.PATH).toBe(process.env.PATH)
    expect(process.env.TANDEM_TEST_ONLY).toBeUndefined()
  })
})

describe('A .env file', () => {
  it.each([
    ['with a byte order mark', '\uFEFFPORT=1\nHOST=::\n'],
    ['with line ends of Windows', 'PORT=1\r\nHOST=::\r\n'],
    ['with an empty value, a blank and a line end of Windows', 'LOG_LEVEL= \r\nPORT=1\r\nHOST=::\r\n'],
    ['without an end of its last line', 'PORT=1\nHOST=::\n#AUTH_MODE=open'],
    ['with `export`, quotes, blanks and comments', 'export PORT = "1" # one\nHOST=\'::\'\n'],
  ])('%s is read', (_what, text) => {
    expect(loadEnvironment(folderWith(text), {})).toEqual({ PORT: '1', HOST: '::' })
  })

  it('can contain text beyond ASCII', () => {
    expect(loadEnvironment(folderWith('ADMIN_KEY_FILE=./密钥\n'), {})).toEqual({ ADMIN_KEY_FILE: './密钥' })
  })

  const utf16 = Buffer.from('PORT=1\r\n', 'utf16le')
  it.each([
    ['in UTF-16 with a byte order mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 'it is UTF-16'],
    ['in UTF-16 without one', utf16, 'it is UTF-16'],
    [
      'in UTF-16, the other byte first',
      Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]),
      'it is UTF-16',
    ],
    ['in Latin-1', Buffer.from('ADMIN_KEY_FILE=./cl\xe9\n', 'latin1'), 'it is not UTF-8'],
  ])('%s stops the start with the reason', (_what, bytes, why) => {
    const root = folderWith(bytes)
    expect(refusal(root)).toContain(`${join(root, '.env')} cannot be read: ${why}`)
  })

  it('stops the start if it is not readable', () => {
    const root = folderWith('PORT=1\n')
    chmodSync(root, 0o755)
    chmodSync(join(root, '.env'), 0o000)
    expect(asNobody(() => refusal(root))).toMatch(/\.env cannot be read: EACCES/)
  })

  it('stops the start if it is a folder', () => {
    const root = temporaryFolder()
    mkdirSync(join(root, '.env'))
    expect(refusal(root)).toMatch(/\.env cannot be read: EISDIR/)
  })

  it('stops the start if it is a dangling link', () => {
    const root = temporaryFolder()
    symlinkSync('elsewhere', join(root, '.env'))
    expect(refusal(root)).toMatch(/\.env cannot be read: ENOENT/)
  })
})

describe('The version', () => {
  it('is that of the package', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'package.json'), '{"version":"1.2.3"}')
    expect(packageVersion(folder)).toBe('1.2.3')
  })
})
