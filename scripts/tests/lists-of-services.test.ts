import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '../../chassis/testing/temporary'

const root = join(__dirname, '../..')

/** What a service still has to be added to, and how. */
function missing(service: string, folder: string): string[] {
  const text = (file: string) => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '')
  const image = {
    file: `${service}/Dockerfile`,
    names: `${service}/dist/main.js`,
    add: 'copy order-service/Dockerfile, change the names and the port',
  }
  const dockerfile = `dockerfile: ${service}/Dockerfile`
  const ofExample = [{ file: `${service}/compose.yml`, names: dockerfile, add: `add ${service} under services` }]
  const ofOther = [
    { file: 'docker-compose.yml', names: dockerfile, add: `add ${service} under services, like order-service` },
    { file: 'gateway/Caddyfile', names: `import service ${service} `, add: `import service ${service}` },
    { file: 'scripts/start.mjs', names: new RegExp(`\\b${service}'?: \\d+`), add: `add ${service} to portsByDefault` },
  ]
  const caller = { names: `${service}=http://${service}:`, add: `add ${service} to TRUSTED_SERVICES of user-service` }
  const lists = [
    image,
    ...(isExample(service) ? ofExample : ofOther),
    ...(isExample(service) || service === 'user-service' ? [] : [{ file: 'docker-compose.yml', ...caller }]),
  ]
  const isNamed = (file: string, names: string | RegExp) => new RegExp(names).test(text(file))
  return lists.flatMap(({ file, names, add }) => (isNamed(file, names) ? [] : [`${file}: ${add}`]))
}

/** An example runs beside the others if somebody asks for it. */
function isExample(service: string): boolean {
  return service.startsWith('examples/')
}

function workspaces(folder: string): string[] {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).workspaces
}

const services = workspaces(root).filter((folder) => existsSync(join(root, folder, 'src/main.ts')))

/** A copy of these files, beside a service that is in the list of workspaces and in no other. */
function withNewService(service: string, ...files: string[]): string {
  const folder = temporaryFolder()
  for (const file of ['package.json', ...files]) cpSync(join(root, file), join(folder, file), { recursive: true })
  execFileSync('npm', ['pkg', 'set', `workspaces[]=${service}`], { cwd: folder })
  for (const file of ['main.ts', 'operations/cli.ts']) write(join(folder, service, 'src', file), '')
  return folder
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

test.each(services)('%s is in every list of services', (service) => {
  expect(missing(service, root)).toEqual([])
})

test('a new service gets a list of the files that lack it, and what to add', () => {
  expect(
    missing('greeting-service', withNewService('greeting-service', 'docker-compose.yml', 'gateway', 'scripts')),
  ).toEqual([
    'greeting-service/Dockerfile: copy order-service/Dockerfile, change the names and the port',
    'docker-compose.yml: add greeting-service under services, like order-service',
    'gateway/Caddyfile: import service greeting-service',
    'scripts/start.mjs: add greeting-service to portsByDefault',
    'docker-compose.yml: add greeting-service to TRUSTED_SERVICES of user-service',
  ])
})

test('a new workspace is tested by npm test', () => {
  const folder = withNewService('greeting-service', 'jest.config.js')
  const config = 'console.log(JSON.stringify(require("./jest.config.js").projects))'
  const projects = JSON.parse(execFileSync(process.execPath, ['-e', config], { cwd: folder, encoding: 'utf8' }))
  expect(projects).toEqual(expect.arrayContaining(workspaces(folder).map((it) => `<rootDir>/${it}`)))
  expect(projects).toContain('<rootDir>/greeting-service')
})

test('a new service that can be backed up is backed up by npm run back-up', () => {
  const folder = withNewService('greeting-service', 'scripts')
  const back = spawnSync(process.execPath, ['scripts/on-data.mjs', 'back-up'], { cwd: folder, encoding: 'utf8' })
  expect(back.stderr).toContain('which service? One of greeting-service ')
})

test.each(services)('the image of %s is made without a file of another service', (service) => {
  const others = workspaces(root).filter((it) => it !== service && it !== 'chassis')
  const dockerfile = readFileSync(join(root, service, 'Dockerfile'), 'utf8')
  expect(others.filter((other) => dockerfile.includes(other))).toEqual([])
})

test("the image's inputs and the build name no workspace", () => {
  const { build } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts
  const said = [readFileSync(join(root, '.dockerignore'), 'utf8'), build].join('\n')
  expect(workspaces(root).filter((workspace) => said.includes(workspace))).toEqual([])
})
