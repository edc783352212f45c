import { request } from 'node:http'
import type { Address } from '../harness/tandem'
import type { Asked } from './shop'

export interface Answer {
  status: number
  code: string
  challenge: string | undefined
  body: string
  /** All of the response, but for what is of the request alone. */
  comparable: string
}

/** Sends it as it is; fetch would refuse some methods. */
export function ask(
  { port, prefix }: Address,
  method: string,
  { path, headers, body }: Asked,
  authorization?: string,
): Promise<Answer> {
  const fields = { ...headers, ...(authorization !== undefined && { authorization }) }
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path: prefix + path, headers: fields, agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          const status = response.statusCode ?? 0
          const id = response.headers['x-request-id']
          const raw = response.rawHeaders.join('\n').replace(/^Date\n.*$/m, '')
          const all = `${status}\n${raw}\n${text}`
          const comparable = typeof id === 'string' ? all.replaceAll(id, '<request id>') : all
          resolve({
            status,
            code: codeIn(text),
            challenge: response.headers['www-authenticate'],
            body: text,
            comparable,
          })
        })
      },
    )
    sent.on('error', reject).end(body)
  })
}

function codeIn(text: string): string {
  return /^{.*"code":"([a-z-]+)"/.exec(text)?.[1] ?? ''
}
