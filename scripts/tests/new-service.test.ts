import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../chassis/testing/temporary'
import { run } from './support/command'
import { root } from './support/small-repository'

/** A folder with what the command reads. */
function repository(): string {
  const folder = temporaryFolder()
  const dockerfiles = ['user-service/Dockerfile', 'order-service/Dockerfile']
  for (const name of ['package.json', 'scripts', 'examples/greeting-service', ...dockerfiles])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  return folder
}

async function newService(folder: string, ...args: string[]) {
  const command = run(folder, ['node', 'scripts/new-service.mjs', ...args])
  return { code: await command.code, output: command.output(), errors: command.errors() }
}

function workspaces(folder: string): string[] {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).workspaces
}

function textsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}

test('makes a service of that name, at the next port, and says what is left to do', async () => {
  const folder = repository()
  const { code, output, errors } = await newService(folder, 'customer-invoices')
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  expect(output).toContain('customer-invoices is made, at port 3003. What is left to do:')
  expect(workspaces(folder).at(-1)).toBe('customer-invoices')
  expect(existsSync(join(folder, 'customer-invoices/src/main.ts'))).toBe(true)
  const made = textsIn(join(folder, 'customer-invoices')).join('')
  expect(made).not.toMatch(/greeting-service|greetingService|GREETING_SERVICE|examples|3002|\.\.\/\.\.\//)
  expect(made).toContain('customerInvoicesService')
  expect(made).toContain('${CUSTOMER_INVOICES_PORT:-3003}:3003')
})

test('takes the port that it is told', async () => {
  const folder = repository()
  expect((await newService(folder, 'invoices', '--port', '4567')).output).toContain('at port 4567')
  expect(readFileSync(join(folder, 'invoices/Dockerfile'), 'utf8')).toContain('EXPOSE 4567')
})

test.each([
  [[], 'which name?'],
  [['one', 'two'], 'which name?'],
  [['Invoices'], 'a name has'],
  [['../invoices'], 'a name has'],
  [['invoices-'], 'a name has'],
  [['order-service'], 'order-service is taken'],
  [['greeting-service'], 'greeting-service is taken'],
  [['scripts'], 'scripts is taken'],
  [['invoices', '--port', '0'], '--port must be'],
  [['invoices', '--port', 'x'], '--port must be'],
  [['invoices', '--port', '3001'], 'another service has port 3001'],
])('refuses %j in one line, and changes nothing', async (args, why) => {
  const folder = repository()
  const { code, output, errors } = await newService(folder, ...args)
  expect({ code, output }).toEqual({ code: 2, output: '' })
  expect(errors).toMatch(new RegExp(`^new-service: ${why}.*\n$`))
  expect(workspaces(folder)).toEqual(workspaces(root))
  expect(existsSync(join(folder, 'invoices'))).toBe(false)
})
