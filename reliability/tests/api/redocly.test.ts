import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import request from 'supertest'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { testOrders } from '../../../order-service/tests/support/order-app'
import { testUsers } from '../../../user-service/tests/support/user-app'

const redocly = join(__dirname, '../../../node_modules/.bin/redocly')

test.each(['user-service', 'order-service'])(
  'the OpenAPI document of %s passes redocly lint without an error or a warning',
  async (service) => {
    const { plainApp } =
      service === 'user-service' ? await testUsers({ hasChaos: true }) : await testOrders({ hasChaos: true })
    const { text } = await request(plainApp).get('/openapi.json').expect(200)
    const file = join(temporaryFolder(), 'openapi.json')
    writeFileSync(file, text)
    const args = ['lint', file, '--format=json', '--extends=recommended']
    const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
    const { stdout } = await promisify(execFile)(redocly, args, { env: environment }).catch(
      (error: unknown) => error as { stdout: string }, // the exit code of a document with errors
    )
    const { totals, problems } = JSON.parse(stdout) as { totals: object; problems: object[] }
    expect(problems).toEqual([])
    expect(totals).toMatchObject({ errors: 0, warnings: 0 })
  },
)
